"""What no topic says: keys, sessions, quotas, kept answers, turns, replays and webhooks."""
