"""Running requests together, with TensorFlow Serving's parameters, queues and error texts.

The queue is ours and in Python. TensorFlow's `BatchFunction` op would bring the C++ scheduler, but
it fixes a queue for each graph function when a model is loaded, does not pad, has other error texts,
cannot fetch a subset of outputs, and runs rows whose client has disconnected. What the queue costs here
is little beside the run of a text model, during which Python's lock is free.
"""
