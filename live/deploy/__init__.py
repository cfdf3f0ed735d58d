"""Deployment of a node with its watchdog, digest timer and recorder."""
