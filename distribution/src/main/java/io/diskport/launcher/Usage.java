package io.diskport.launcher;

/** What {@code --help} says, but for the types that are there. */
final class Usage {
    static final String TEXT =
            """
            Usage: diskport [OPTION]...
                   diskport demo
                   diskport ctl [--var DIR] COMMAND [WORD]...
                   diskport shell [--var DIR]

            Exports block nodes until SIGTERM, SIGINT or SIGHUP. Without options of the first group
            it runs what the files in conf/ ask for, and logs to standard error.

            What there is to be, as for qemu-storage-daemon; made in the order given:
              --blockdev [driver=]DRIVER,node-name=NAME[,OPTION=VALUE]...
              --object [qom-type=]TYPE,id=ID[,OPTION=VALUE]...
              --nbd-server addr.type=unix,addr.path=PATH[,OPTION=VALUE]...
              --nbd-server addr.type=inet,addr.host=HOST,addr.port=PORT[,OPTION=VALUE]...
              --export [type=]TYPE,id=ID,node-name=NAME[,OPTION=VALUE]...
              --chardev socket,id=ID,path=PATH[,server=on,wait=off]
              --chardev socket,id=ID,host=HOST,port=PORT[,server=on,wait=off]
              --chardev stdio,id=ID
              --monitor [chardev=]ID[,mode=control][,pretty=on]
              --daemonize    return once everything is there, with status 1 if it is not
              --pidfile FILE the process id, written when everything is there, removed at the end
              --trace TEXT   accepted, without effect
              In a value ',,' is a comma; a JSON object may stand in place of a list. 'help' instead
              of a value shows what there is: --blockdev help, --blockdev help,driver=file.

            Of Diskport:
              --shell        the interactive shell on this terminal; its exit ends Diskport
              --conf DIR     desired objects, nodes and exports (default: conf beside bin; none
                             where an option above says what there is to be)
              --deploy DIR   drivers, as bundles that come and go (default: deploy beside bin)
              --var DIR      everything that changes in a run (default: var beside bin; one in
                             TMPDIR that goes with the run where an option above is given)
              -V, --version  the version
              -h, --help     this text

              demo           exports a disk image of 256 MiB in ./demo through FUSE, with the shell
              ctl            runs one command of the shell in a Diskport that runs already
              shell          opens the shell of a Diskport that runs already

            Environment:
              JAVA_HOME           the Java to run on, 17 or newer (default: java of the PATH)
              DISKPORT_VAR        as --var
              DISKPORT_JAVA_OPTS  options for Java, after those that Diskport sets, for instance
                                  -Xmx1g, or -Ddiskport.log.level=DEBUG (ERROR, WARN, INFO, DEBUG)

            Exit status: 0 after an orderly end, 1 for a mistake on the command line, or if Diskport
            cannot start or cannot end in order.
            """;

    private Usage() {}
}
