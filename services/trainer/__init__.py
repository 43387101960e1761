"""Hears training.requested; announces training.progressed, training.failed, model.trained, model.promoted.

Guarantees: a request becomes a ledger entry before its message is committed; the work survives a kill and goes on from
the newest checkpoint; two workers never run one job; every job ends in a model or in words; a model is promoted only
when it is surely better than the one in use.
"""
