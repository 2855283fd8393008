r"""How the processes of one machine find each other without listening beyond it.

torchrun's own way is a TCP store that listens on every address. Told to use files, it opens none; then the processes
meet in a file too, and talk over the loopback interface:

    TORCH_DISABLE_SHARE_RDZV_TCP_STORE=1 torchrun --rdzv-backend c10d --rdzv-conf store_type=file \
        --nproc-per-node 2 -m trainer.cli fit ...
"""

import os
import sys
import tempfile
from datetime import timedelta
from pathlib import Path

import torch.distributed as dist


def meet(backend: str, rank: int, size: int, patience: timedelta) -> None:
    """Form the group. On one machine all messages stay on it, whatever the host's name resolves to."""
    if os.environ.get("GROUP_WORLD_SIZE", "1") == "1":
        for library in ("GLOO", "NCCL"):
            os.environ.setdefault(f"{library}_SOCKET_IFNAME", "lo0" if sys.platform == "darwin" else "lo")
        if os.environ.get("TORCHELASTIC_USE_AGENT_STORE") == "False":
            store = dist.FileStore(str(_meeting_file()), size)  # type: ignore[attr-defined]  # documented, not declared
            dist.init_process_group(backend, store=store, rank=rank, world_size=size, timeout=patience)
            return
    dist.init_process_group(backend, timeout=patience)


def _meeting_file() -> Path:
    """One file for the children of one torchrun, and for each of its attempts, where only this user can write."""
    folder = Path(tempfile.gettempdir()) / f"dermgate-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid != os.getuid() or folder.stat().st_mode & 0o077:
        raise PermissionError(f"{folder.name} in the temporary folder is open to others")
    return folder / f"meeting-{os.getppid()}-{os.environ.get('TORCHELASTIC_RESTART_COUNT', '0')}"
