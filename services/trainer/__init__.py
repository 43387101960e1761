"""Hears training.requested; says training.progressed, model.trained, model.promoted.

Guarantees: a request becomes a ledger entry before its message is committed; the work survives a kill and goes on from
the newest checkpoint; two workers never run one job; a model is promoted only when it is better than what it came from.
"""
