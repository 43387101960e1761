"""What no topic says: keys, sessions, quotas, kept answers, replays and webhooks."""
