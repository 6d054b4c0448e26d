"""Between two submissions: signs that one could leave for another, and its memory."""

from evil import Evil, escape

CASES = [
    Evil("lists its terminals", escape("import os; assert os.listdir('/dev/pts')")),
    Evil("opens a terminal", escape("import pty; pty.openpty()")),
    Evil(
        "locks a file that all can read",
        escape(
            """
            import fcntl
            first, other = (open("/usr/bin/env", "rb") for _ in range(2))
            fcntl.flock(first, fcntl.LOCK_EX | fcntl.LOCK_NB)
            try:
                fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
                raise SystemExit
            except OSError:
                pass
            """
        ),
    ),
    Evil(
        "locks a part of a file that all can read",
        escape(
            """
            import fcntl, os, struct
            file = open("/usr/bin/env", "rb")
            fcntl.lockf(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            if os.fork() == 0:
                asked = struct.pack("hhqqi4x", fcntl.F_WRLCK, 0, 0, 0, 0)
                told = fcntl.fcntl(file, fcntl.F_GETLK, asked)
                os._exit(struct.unpack("hhqqi4x", told)[0])
            assert os.wait()[1] >> 8 != fcntl.F_UNLCK
            """
        ),
    ),
    Evil(
        "locks a file by its open description",
        escape(
            """
            import fcntl, os, struct
            file, other = (open("/usr/bin/env", "rb") for _ in range(2))
            lock = struct.pack("hhqqi4x", fcntl.F_RDLCK, 0, 0, 0, 0)
            fcntl.fcntl(file, 37, lock)
            asked = struct.pack("hhqqi4x", fcntl.F_WRLCK, 0, 0, 0, 0)
            told = fcntl.fcntl(other, 36, asked)
            assert struct.unpack("hhqqi4x", told)[0] != fcntl.F_UNLCK
            """
        ),
    ),
    Evil(
        "watches a file that all can read",
        escape(
            """
            import ctypes
            libc = ctypes.CDLL(None)
            watch = libc.inotify_init()
            assert libc.inotify_add_watch(watch, b"/usr/bin/env", 0xFFF) >= 0
            """
        ),
    ),
    Evil(
        "is told of a folder's changes",
        escape("import fcntl, os; fcntl.fcntl(os.open('/usr', 0), 1026, 0x1F)"),
    ),
    Evil(
        "leases a file that all can read",
        escape("import fcntl; fcntl.fcntl(open('/usr/bin/env'), 1024, 0)"),
    ),
    Evil(
        "asks which pages of a file are in memory",
        escape(
            """
            import ctypes
            libc = ctypes.CDLL(None)
            libc.mmap.restype = ctypes.c_void_p
            file = open("/usr/bin/env", "rb")
            place = libc.mmap(None, 4096, 1, 1, file.fileno(), 0)
            found = ctypes.create_string_buffer(1)
            assert libc.mincore(ctypes.c_void_p(place), 4096, found) == 0
            """
        ),
    ),
    Evil(
        "reads a file only if it is in memory",
        escape(
            "import os; os.preadv(os.open('/usr/bin/env', 0), [bytearray(1)], 0, 8)"
        ),
    ),
    Evil(
        "two folders full, beyond one limit",
        escape(
            """
            done = 0
            for path in ("/tmp/full", "/dev/shm/full"):
                with open(path, "wb") as file:
                    for _ in range(40):
                        file.write(bytes(1 << 20))
            """
        ),
    ),
    Evil(
        "files and memory, beyond one limit",
        escape(
            """
            with open("/tmp/full", "wb") as file:
                for _ in range(60):
                    file.write(bytes(1 << 20))
            taken = [b"x" * (1 << 26) for _ in range(15)]
            """
        ),
        limits={"memory": 2**30},
    ),
    Evil(
        "memory in sockets",
        """
        import os, socket, time
        for _ in range(60):
            if os.fork() == 0:
                kept = []
                for _ in range(100):
                    pair = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
                    kept.append(pair)
                    pair[0].setblocking(False)
                    try:
                        while True:
                            pair[0].send(bytes(200_000))
                    except OSError:
                        pass
                time.sleep(20)
                os._exit(0)
        time.sleep(20)
        """,
        slow=True,
        deaths=1,
        limits={"memory": 2**30, "seconds": 60.0, "cell_seconds": 40.0},
    ),
    Evil(
        "a message in the names of /proc",
        escape(
            """
            import os
            seen = [name for name in os.listdir("/proc") if name.isdigit()]
            assert len(seen) > 2
            """
        ),
    ),
    Evil(
        "writes beside Python",
        escape(
            """
            import os, sys
            done = 0
            for folder in (sys.prefix, os.path.dirname(os.__file__), "/usr/bin"):
                try:
                    os.utime(folder)
                    done += 1
                except OSError:
                    pass
            assert done
            """
        ),
    ),
]
