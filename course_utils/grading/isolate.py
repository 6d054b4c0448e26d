"""Give a submission namespaces of its own inside the sandbox.

bubblewrap makes the outer walls: no network, a read-only system, no privileges. Two
submissions inside them must not meet either, so each fork gets namespaces, a temporary
folder and limits of its own. Source: namespaces(7), user_namespaces(7), seccomp(2).
"""

import ctypes
import os
import platform
import resource
import struct
from pathlib import Path
from typing import Any

NEW_NAMESPACES = {
    "CLONE_NEWNS": 0x00020000,
    "CLONE_NEWUTS": 0x04000000,
    "CLONE_NEWIPC": 0x08000000,
    "CLONE_NEWUSER": 0x10000000,
    "CLONE_NEWPID": 0x20000000,
    "CLONE_NEWNET": 0x40000000,
}
READ_ONLY, NOSUID, NODEV, NOEXEC, BIND = 1, 2, 4, 8, 4096 | 16384
HOME, RUNS = "/tmp/.course", "/tmp/.runs"  # COURSE_HOME and COURSE_RUNS in there
SHARED = "/tmp/.shm"  # what /dev/shm shows
FILES_IN_RESERVE = 64
PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS = 4, 22, 38

# System calls that no notebook needs: ways to see or change other processes, to see
# what they do with files that all can read, memory that no limit counts, and parts of
# the kernel with a history of holes. Their numbers on x86_64 and aarch64.
DENIED = {
    "add_key": (248, 217),
    "bpf": (321, 280),
    "cachestat": (451, 451),
    "chroot": (161, 51),
    "fanotify_init": (300, 262),
    "fsopen": (430, 430),
    "inotify_add_watch": (254, 27),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "io_uring_setup": (425, 425),
    "kcmp": (312, 272),
    "keyctl": (250, 219),
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "mincore": (27, 232),
    "mount": (165, 40),
    "mount_setattr": (442, 442),
    "move_mount": (429, 429),
    "mq_open": (240, 180),
    "msgget": (68, 186),
    "open_by_handle_at": (304, 265),
    "open_tree": (428, 428),
    "perf_event_open": (298, 241),
    "pidfd_getfd": (438, 438),
    "pivot_root": (155, 41),
    "preadv2": (327, 286),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "ptrace": (101, 117),
    "request_key": (249, 218),
    "semget": (64, 190),
    "setns": (308, 268),
    "shmat": (30, 196),
    "shmget": (29, 194),
    "syslog": (103, 116),
    "umount2": (166, 39),
    "unshare": (272, 97),
    "userfaultfd": (323, 282),
}
# A lock on a file that all can read would be seen by all. Two processes of one notebook
# have to do without locks too: they are told that they have them.
FLOCK, FCNTL = (73, 32), (72, 25)
LOCKING = (6, 7, 37, 38)  # F_SETLK, F_SETLKW, F_OFD_SETLK, F_OFD_SETLKW
WATCHING = (1024, 1026)  # F_SETLEASE, F_NOTIFY
MACHINES = {  # column above, AUDIT_ARCH, clone, clone3
    "x86_64": (0, 0xC000003E, 56, 435),
    "aarch64": (1, 0xC00000B7, 220, 435),
}


def new_namespaces() -> None:
    """Move this process into new namespaces; its next fork becomes process 1 in them.

    Raises:
        OSError: the kernel does not let an ordinary user do this.
    """
    user, group = os.getuid(), os.getgid()
    _call("unshare", sum(NEW_NAMESPACES.values()))
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
    Path("/proc/self/gid_map").write_text(f"{group} {group} 1")


def own_folders(limits: dict[str, Any]) -> None:
    """Mount a new /tmp, /dev/shm, /dev/pts and /proc over those that others can see.

    /tmp and /dev/shm are one file system, so that they share one limit.
    """
    # What Python itself needs may lie below /tmp.
    kept = {path: os.open(path, os.O_PATH) for path in limits.get("below_tmp", [])}
    options = f"size={limits['disk']},nr_inodes={limits['files']},mode=700"
    _mount("tmpfs", "/tmp", NOSUID | NODEV, options)
    for path, handle in kept.items():
        os.makedirs(path)
        _mount(f"/proc/self/fd/{handle}", path, BIND)
        os.close(handle)
    os.mkdir(SHARED, mode=0o700)
    _mount(SHARED, "/dev/shm", BIND)
    _mount("tmpfs", "/dev/pts", NOSUID | NODEV | NOEXEC | READ_ONLY, "size=0")
    _mount("proc", "/proc", NOSUID | NODEV | NOEXEC, "")


def lower_limits(limits: dict[str, Any]) -> None:
    """Limit what one process may use beyond the memory that it has already mapped."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    mapped = pages * resource.getpagesize()
    # If memory runs out in spite of all limits, the kernel takes it from here.
    Path("/proc/self/oom_score_adj").write_text("1000")
    for name, value in {
        # The files in its temporary folder take memory too.
        "RLIMIT_AS": mapped + limits["memory"] - limits["disk"],
        "RLIMIT_CORE": 0,
        "RLIMIT_FSIZE": limits["disk"],
        "RLIMIT_NPROC": limits["processes"],
        "RLIMIT_MSGQUEUE": 0,
        "RLIMIT_MEMLOCK": 0,
    }.items():
        number = getattr(resource, name, None)
        if number is not None:
            hard = resource.getrlimit(number)[1]
            if resource.RLIM_INFINITY in (value, hard):
                value = hard if value == resource.RLIM_INFINITY else value
            else:
                value = min(value, hard)
            resource.setrlimit(number, (value, value))
    most = limits["open_files"] + FILES_IN_RESERVE
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    keep_files_in_reserve(FILES_IN_RESERVE)


def keep_files_in_reserve(number: int) -> None:
    """Keep so many file descriptors for the probes, out of the notebook's reach."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard - number, hard))


def drop_privileges() -> None:
    """Give up every capability, for good, and the system calls in DENIED."""
    header, none = struct.pack("Ii", 0x20080522, 0), bytes(24)
    _call("capset", header, none)
    _call("prctl", PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    program = _filter(platform.machine())
    if program:
        code = ctypes.create_string_buffer(program)
        address = ctypes.cast(code, ctypes.c_void_p).value
        size = len(program) // 8
        filter_of = ctypes.create_string_buffer(struct.pack("HxxxxxxQ", size, address))
        _call("prctl", PR_SET_SECCOMP, 2, filter_of, 0, 0)


def hide_memory(hidden: bool) -> None:
    """Hide this process's memory from others of the same user, or show it again."""
    _call("prctl", PR_SET_DUMPABLE, 0 if hidden else 1, 0, 0, 0)


def _filter(machine: str) -> bytes:
    """Return a seccomp program that refuses DENIED, and clone with new namespaces."""
    if machine not in MACHINES:
        return b""
    column, architecture, clone, clone3 = MACHINES[machine]
    load, equal, at_least, any_bit, give = 0x20, 0x15, 0x35, 0x45, 0x06
    allow, kill, refuse = 0x7FFF0000, 0x80000000, 0x00050000
    done, not_permitted, not_there = refuse, refuse | 1, refuse | 38
    steps = [
        (load, 0, 0, 4),  # the architecture
        (equal, 1, 0, architecture),
        (give, 0, 0, kill),
        (load, 0, 0, 0),  # the call's number
        (at_least, 0, 1, 0x40000000),  # the x32 numbers of the same calls
        (give, 0, 0, not_permitted),
        (equal, 0, 1, clone3),  # its flags cannot be read: libc falls back to clone
        (give, 0, 0, not_there),
    ]
    for numbers in DENIED.values():
        steps += [(equal, 0, 1, numbers[column]), (give, 0, 0, not_permitted)]
    steps += [(equal, 0, 1, FLOCK[column]), (give, 0, 0, done)]
    asked = [(what, done) for what in LOCKING]
    asked += [(what, not_permitted) for what in WATCHING]
    steps += [(equal, 0, 2 + 2 * len(asked), FCNTL[column]), (load, 0, 0, 24)]
    for what, answer in asked:  # what fcntl is asked for
        steps += [(equal, 0, 1, what), (give, 0, 0, answer)]
    steps += [
        (give, 0, 0, allow),
        (equal, 0, 3, clone),
        (load, 0, 0, 16),  # its flags
        (any_bit, 0, 1, sum(NEW_NAMESPACES.values()) | 0x02000000),
        (give, 0, 0, not_permitted),
        (give, 0, 0, allow),
    ]
    return b"".join(struct.pack("HBBI", *step) for step in steps)


def _mount(source: str, target: str, flags: int, options: str = "") -> None:
    """Mount a kind of file system, or with BIND a folder that is there."""
    names = source.encode(), target.encode(), source.encode()
    _call("mount", *names, flags, options.encode())


def _call(name: str, *arguments: Any) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    wide = [ctypes.c_ulong(a) if isinstance(a, int) else a for a in arguments]
    if getattr(libc, name)(*wide) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")
