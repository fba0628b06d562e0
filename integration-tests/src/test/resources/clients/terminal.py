"""A person at a terminal without a size, as a serial console is: what is awaited, what is typed then, and so on, `--`, and the program that is run."""
import os, pty, re, select, sys, time

steps = sys.argv[1 : sys.argv.index("--")]
command = sys.argv[sys.argv.index("--") + 1 :]
pid, terminal = pty.fork()
if pid == 0:
    os.environ["TERM"] = "xterm"
    os.execvp(command[0], command)

shown = ""


def until(wanted):
    """Reads what is shown until it has a text behind what was seen before; at the end of all, None."""
    global shown
    end = time.monotonic() + 20
    while True:
        shown = re.sub(r"\x1b(\[[?0-9;]*[A-Za-z]|[=>])", "", shown)
        if wanted is not None and wanted in shown:
            shown = shown.split(wanted, 1)[1]
            return
        if time.monotonic() > end or not select.select([terminal], [], [], 20)[0]:
            sys.exit("waited for %r, and was shown %r" % (wanted, shown))
        try:
            more = os.read(terminal, 4096).decode(errors="replace")
        except OSError:
            more = ""
        if not more:
            if wanted is not None:
                sys.exit("waited for %r until the end, and was shown %r" % (wanted, shown))
            return
        shown += more


for step, text in enumerate(steps):
    if step % 2 == 0:
        until(text)
    else:
        os.write(terminal, text.encode())
until(None)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
