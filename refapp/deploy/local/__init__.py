"""The platform as processes of this machine, kept by a supervisor."""
