"""What watches the platform, derived from its topology: scraping, rules, alerts and dashboards."""
