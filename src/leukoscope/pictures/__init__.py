"""Pictures: decoding, framing, the pixel store, augmentation and batches.

Nothing is re-exported here: ``decode`` and ``batches`` are modules, and functions in them.
"""
