"""gRPC service configs: what the native runtimes refuse, what they ignore, and what they read."""
