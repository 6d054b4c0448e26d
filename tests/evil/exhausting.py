"""All of the machine: processes, memory, disk, files, time, output.

These rest on the limits. Each is also bounded in itself, as far as that keeps it an
attack: a mistake of ours should cost a test, not the machine.
"""

from evil import Evil, answer, escape

CASES = [
    Evil(
        "fork bomb",
        escape(
            """
            import os, time
            children = 0
            for _ in range(2000):
                if os.fork() == 0:
                    time.sleep(60)
                    os._exit(0)
                children += 1
            """
        ),
        slow=True,
        deaths=1,  # 128 forks of a large process take long on a busy machine
        limits={"seconds": 40.0, "cell_seconds": 20.0},
    ),
    Evil(
        "fork bomb that doubles",
        """
        import os
        for _ in range(12):
            try:
                os.fork()
            except OSError:
                pass
        if os.getpid() != 1:
            while True:
                pass
        """
        + answer("return 0.0"),
        slow=True,
        deaths=2,  # its copies spoil the way of the first
        limits={"seconds": 15.0},
    ),
    Evil(
        "thread bomb",
        escape(
            """
            import threading, time
            for _ in range(2000):
                threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
            """
        ),
        slow=True,
    ),
    Evil(
        "all file descriptors",
        escape(
            """
            import os
            for _ in range(5000):
                os.open("/dev/null", os.O_RDONLY)
            """
        ),
    ),
    Evil(
        "fills the disk",
        escape(
            """
            block = bytes(1 << 20)
            for name in range(40):
                with open(f"/tmp/{name}", "wb") as file:
                    for _ in range(100):
                        file.write(block)
            """
        ),
    ),
    Evil(
        "fills shared memory",
        escape(
            """
            block = bytes(1 << 20)
            for name in range(40):
                with open(f"/dev/shm/{name}", "wb") as file:
                    for _ in range(100):
                        file.write(block)
            """
        ),
    ),
    Evil(
        "a million files",
        escape(
            """
            import os
            for name in range(1_000_000):
                os.close(os.open(f"/tmp/{name}", os.O_CREAT | os.O_WRONLY))
            """
        ),
    ),
    Evil(
        "12 GiB of memory",
        escape("taken = [bytearray(1 << 28) for _ in range(48)]"),
    ),
    Evil(
        "memory in many processes",
        """
        import os, time
        for _ in range(20):
            if os.fork() == 0:
                taken = b"x" * (300 << 20)
                time.sleep(30)
                os._exit(0)
        time.sleep(20)
        """
        + answer("return 0.0"),
        slow=True,
        deaths=1,
        limits={"seconds": 60.0, "cell_seconds": 40.0},
    ),
    Evil("endless loop in a function", answer("while True: pass"), slow=True),
    Evil(
        "endless loop in a cell", "while True: pass\n" + answer("return 0"), slow=True
    ),
    Evil(
        "endless loop that catches everything",
        answer(
            """
            while True:
                try:
                    while True: pass
                except BaseException:
                    pass
            """
        ),
        slow=True,
        deaths=1,
    ),
    Evil(
        "ignores SIGINT, SIGTERM and SIGALRM",
        """
        import signal
        for name in ("SIGINT", "SIGTERM", "SIGALRM", "SIGHUP", "SIGQUIT"):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
        """
        + answer("while True: pass"),
        slow=True,
        deaths=1,
    ),
    Evil(
        "endless in C, deaf to signals",
        "import re\n" + answer("return re.match(r'(a|a)*b', 'a' * 60)"),
        slow=True,
        deaths=1,
    ),
    Evil("sleeps for ever", answer("import time; time.sleep(10**9)"), slow=True),
    Evil(
        "prints 100 MB",
        "for _ in range(1000): print('x' * 100_000)\n" + answer("return 0.0"),
    ),
    Evil(
        "displays 100 MB",
        "from IPython.display import display, HTML\n"
        "for _ in range(100): display(HTML('x' * 1_000_000))\n" + answer("return 0.0"),
    ),
    Evil(
        "answers with 100 MB",
        answer("return 'x' * 100_000_000"),
    ),
    Evil(
        "floods every descriptor",
        """
        import os
        for _ in range(3000):
            for number in (1, 2, 3, 4, 5, 6):
                try:
                    os.write(number, b"x" * 65536)
                except OSError:
                    pass
        """
        + answer("return 0.0"),
        deaths=1,
    ),
    Evil(
        "floods with well-formed messages",
        """
        import os, struct
        for number in range(3_000):
            name = b"answer q%d" % number
            message = struct.pack("<II", len(name), 60_000) + name + bytes(60_000)
            try:
                os.write(4, message)
            except OSError:
                pass
        """
        + answer("return 0.0"),
        deaths=1,
    ),
]
