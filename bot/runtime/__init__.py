"""Files, sockets and the service manager. Knows events and nothing of markets."""
