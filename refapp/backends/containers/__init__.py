"""What a kubelet, cAdvisor, kube-state-metrics and metrics-server tell, measured from the processes of this machine."""
