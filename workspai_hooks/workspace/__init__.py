"""The workspace: its services, who talks to whom, and which lines use which element."""
