package io.diskport.cline.socket;

import java.io.ByteArrayInputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.regex.Pattern;
import org.apache.felix.service.command.CommandProcessor;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Converter;
import org.apache.felix.service.command.Function;
import org.apache.felix.service.command.Job;

/** A session of Gogo, whose commands have a status as those of other shells. */
final class Session implements AutoCloseable {
    private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_:.-]*");
    private static final int FAILED = 1;

    /** Called where the command before it has failed, for Gogo tells nobody else. */
    private static final String ON_FAILURE = "_failed";

    private final CommandProcessor processor;
    private final OutputStream output;
    private final OutputStream errors;
    private volatile CommandSession session;
    private PrintStream out;
    private PrintStream err;
    private volatile boolean failed;
    private volatile boolean interrupted;

    Session(CommandProcessor processor, OutputStream output, OutputStream errors) {
        this.processor = processor;
        this.output = output;
        this.errors = errors;
        open();
    }

    private void open() {
        out = new PrintStream(output, true, StandardCharsets.UTF_8);
        err = new PrintStream(errors, true, StandardCharsets.UTF_8);
        session = processor.createSession(new ByteArrayInputStream(new byte[0]), out, err);
        session.put("SCOPE", "diskport:gogo:*");
        session.put(
                ON_FAILURE,
                (Function)
                        (inner, arguments) -> {
                            failed = true;
                            return null;
                        });
    }

    /** Runs one command, whose words reach it as they are, and answers with its status. */
    int command(List<String> words) {
        String name = words.get(0);
        if (!NAME.matcher(name).matches()) {
            return refused("'" + name + "' is no name of a command; see diskport ctl help");
        }
        StringBuilder line = new StringBuilder(name);
        for (int i = 1; i < words.size(); i++) {
            String variable = "_word" + i;
            session.put(variable, words.get(i));
            line.append(" $").append(variable);
        }
        return line(line.toString());
    }

    /** Runs a line as it would be typed, and answers with the status of its last command. */
    int line(String text) {
        String line = text.strip();
        while (line.endsWith(";")) {
            line = line.substring(0, line.length() - 1).stripTrailing();
        }
        if (line.isEmpty()) {
            return 0;
        }
        failed = false;
        if (interrupted) {
            interrupted = false;
            openAnew();
        }
        try {
            Object result = session.execute(line + " || " + ON_FAILURE);
            if (result != null && !failed) {
                out.println(session.format(result, Converter.INSPECT));
            }
            return failed ? FAILED : 0;
        } catch (InterruptedException e) {
            return FAILED;
        } catch (Exception e) {
            return failed ? FAILED : refused(why(e));
        }
    }

    /** Gogo's streams close under a thread that is interrupted while it prints; variables stay. */
    private void openAnew() {
        CommandSession before = session;
        open();
        if (before.get(null) instanceof Collection<?> names) {
            for (Object name : List.copyOf(names)) {
                session.put(name.toString(), before.get(name.toString()));
            }
        }
        before.close();
    }

    /** Ends what runs, as Ctrl-C does; any thread. Its status is that of one that failed. */
    void interrupt() {
        Job job = session.foregroundJob();
        if (job != null) {
            failed = true;
            interrupted = true;
            job.interrupt();
        }
    }

    private int refused(String why) {
        err.println("diskport: " + why.strip().replaceAll("\\s*\\R\\s*", " "));
        return FAILED;
    }

    private static String why(Exception e) {
        String message = String.valueOf(e.getMessage());
        // By name: the classes are Gogo's own.
        return switch (e.getClass().getSimpleName()) {
            case "CommandNotFoundException" ->
                    message.replace("Command not found: ", "there is no command ")
                            + "; see diskport ctl help";
            case "SyntaxError" ->
                    "the line cannot be read: "
                            + message.replace("unexpected token '||'", "unexpected end");
            case "EOFException" -> "the line cannot be read: " + message.replace("EOT", "end");
            case "IllegalArgumentException", "RuntimeException" -> message;
            default -> e.toString();
        };
    }

    @Override
    public void close() {
        session.close();
    }
}
