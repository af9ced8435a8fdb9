"""A trace collector that speaks Zipkin's and Jaeger's APIs."""
