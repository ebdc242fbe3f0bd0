"""What happened, once, in order: the timeline, the audit trail and the outbox in one table."""
