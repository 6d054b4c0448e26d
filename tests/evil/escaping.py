"""Out of the box: files, network, other processes, the kernel's back doors."""

from evil import Evil, escape

CASES = [
    Evil(
        "writes outside its folder",
        escape(
            """
            import os, course_utils, sys
            done = 0
            for folder in ("/", "/usr", "/etc", "/dev", "/root", "/home", "/var/tmp",
                           "/course-home", os.path.dirname(course_utils.__file__),
                           sys.prefix, os.path.dirname(os.__file__), "/proc/sys"):
                try:
                    with open(folder + "/evil-was-here", "w") as file:
                        file.write("x")
                    done += 1
                except OSError:
                    pass
            assert done
            """
        ),
    ),
    Evil(
        "changes the library for the next student",
        escape(
            """
            import course_utils.checks.run_question as run
            with open(run.__file__, "a") as file:
                file.write("\\nrun_judge = None\\n")
            """
        ),
    ),
    Evil(
        "links and .. to the outside",
        escape(
            """
            import os
            os.symlink("/etc", "link")
            os.symlink("/usr/lib", "lib")
            done = 0
            for path in ("link/evil", "lib/evil", "../../evil", "../../../etc/evil"):
                try:
                    open(path, "w").close()
                    done += 1
                except OSError:
                    pass
            assert done
            """
        ),
    ),
    Evil(
        "leaves a file for the next student",
        escape(
            """
            import os
            notes = ["/tmp/evil-note", "/dev/shm/evil-note", "/var/tmp/evil-note"]
            seen = any(os.path.exists(path) for path in notes)
            for path in notes:
                try:
                    open(path, "w").close()
                except OSError:
                    pass
            assert seen
            """
        ),
    ),
    Evil(
        "network",
        escape(
            """
            import socket
            done = 0
            for host in ("127.0.0.1", "192.0.2.1", "localhost"):
                for port in (22, 53, 80, 443, 8888):
                    try:
                        socket.create_connection((host, port), timeout=0.2)
                        done += 1
                    except OSError:
                        pass
            done += len(socket.if_nameindex()) > 1
            assert done
            """
        ),
    ),
    Evil(
        "meets other submissions over a socket",
        escape(
            """
            import socket
            here = socket.socket(socket.AF_UNIX)
            try:
                here.connect("\\0evil")
            except OSError:
                here = socket.socket(socket.AF_UNIX)
                here.bind("\\0evil")
                here.listen()
                raise
            """
        ),
    ),
    Evil(
        "reads /proc and the environment",
        escape(
            """
            import glob, os
            others = [p for p in glob.glob("/proc/[0-9]*")
                      if int(p[6:]) not in (os.getpid(), 1)]
            secrets = [k for k in os.environ if "KEY" in k or "SECRET" in k]
            readable = []
            for path in ("/proc/kcore", "/proc/kmsg", "/etc/shadow", "/root/.bashrc"):
                try:
                    open(path, "rb").read(1)
                    readable.append(path)
                except OSError:
                    pass
            assert others or secrets or readable
            """
        ),
    ),
    Evil(
        "traces another process",
        escape(
            """
            import ctypes, os
            libc = ctypes.CDLL(None, use_errno=True)
            done = 0
            for pid in (os.getppid(), 2, 3):
                done += pid > 0 and libc.ptrace(16, pid, 0, 0) == 0
            child = os.fork()
            if child == 0:
                os._exit(0 if libc.ptrace(0, 0, 0, 0) == 0 else 1)
            done += os.waitpid(child, 0)[1] == 0
            assert done
            """
        ),
    ),
    Evil(
        "ends every process it may",
        escape(
            """
            import os, signal
            done = 0
            for pid in range(2, 4000):
                try:
                    os.kill(pid, signal.SIGKILL)
                    done += 1
                except OSError:
                    pass
            try:
                os.kill(os.getppid() or -1, signal.SIGKILL)
                done += 1
            except OSError:
                pass
            assert done
            """
        ),
    ),
    Evil(
        "leaves a process running",
        """
        import os, time
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                while True:
                    time.sleep(1)
            os._exit(0)
        """,
    ),
    Evil(
        "new namespaces, mounts, chroot",
        escape(
            """
            import ctypes, os
            libc = ctypes.CDLL(None, use_errno=True)
            done = 0
            for flag in (0x10000000, 0x20000, 0x20000000, 0x40000000):
                done += libc.unshare(flag) == 0
            done += libc.mount(b"none", b"/tmp", b"tmpfs", 0, b"") == 0
            done += libc.umount2(b"/proc", 2) == 0
            done += libc.umount2(b"/tmp", 2) == 0
            done += libc.chroot(b"/tmp") == 0
            done += libc.syscall(56, 0x10000011, 0, 0, 0, 0) > 0
            assert done
            """
        ),
    ),
    Evil(
        "becomes root",
        escape(
            """
            import os, subprocess
            done = 0
            for call in (lambda: os.setuid(0), lambda: os.setgroups([0]),
                         lambda: os.mknod("disk", 0o60600, 0xFE00)):
                try:
                    call()
                    done += 1
                except OSError:
                    pass
            for command in (["sudo", "-n", "id"], ["su", "-c", "id"],
                            ["mount", "-t", "tmpfs", "none", "/tmp"]):
                try:
                    ended = subprocess.run(command, capture_output=True, timeout=5,
                                           stdin=subprocess.DEVNULL)
                    done += ended.returncode == 0
                except OSError:
                    pass
            assert done or os.getuid() == 0
            """
        ),
    ),
    Evil(
        "raises its limits",
        escape(
            """
            import os, resource
            done = 0
            for name in ("RLIMIT_AS", "RLIMIT_NPROC", "RLIMIT_FSIZE"):
                try:
                    resource.setrlimit(getattr(resource, name), (1 << 60, 1 << 60))
                    done += 1
                except (OSError, ValueError):
                    pass
            try:
                with open("/proc/self/oom_score_adj", "w") as file:
                    file.write("-1000")
                done += 1
            except OSError:
                pass
            assert done
            """
        ),
    ),
    Evil(
        "kernel calls with a history",
        escape(
            """
            import ctypes
            libc = ctypes.CDLL(None, use_errno=True)
            # memfd_create, shmget, io_uring_setup, userfaultfd, bpf, keyctl
            done = sum(libc.syscall(number, *rest) >= 0 for number, *rest in (
                (319, b"x", 0), (29, 0, 1 << 20, 0o1600), (425, 8, 0), (323, 0),
                (321, 0, 0, 0), (250, 0, -3, 0)))
            assert done
            """
        ),
    ),
    Evil(
        "writes to the grader's descriptors",
        escape(
            """
            import os
            names = []
            for number in range(3, 1024):
                try:
                    names.append(os.readlink(f"/proc/self/fd/{number}"))
                except OSError:
                    pass
            assert any("socket" in n or ".grading" in n for n in names)
            """
        ),
    ),
]
