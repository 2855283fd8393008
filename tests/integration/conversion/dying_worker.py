"""A process that ends as one does that the kernel kills for want of memory."""

import os
import signal

os.kill(os.getpid(), signal.SIGKILL)
