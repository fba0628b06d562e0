package io.diskport.support.tls;

import java.io.IOException;
import java.nio.channels.Channel;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Closes a channel under whoever still uses it when the time is over. */
final class Patience {
    private final Channel channel;
    private final long millis;
    private final CountDownLatch done = new CountDownLatch(1);

    /** Begins to watch. @param millis how much time there is */
    Patience(Channel channel, long millis) {
        this.channel = channel;
        this.millis = millis;
        Thread watcher = new Thread(this::watch, "tls-farewell");
        watcher.setDaemon(true);
        watcher.start();
    }

    private void watch() {
        try {
            if (!done.await(millis, TimeUnit.MILLISECONDS)) {
                channel.close();
            }
        } catch (InterruptedException | IOException e) {
            // Nobody interrupts it, and a close that fails closes.
        }
    }

    /** It was done in time. */
    void end() {
        done.countDown();
    }
}
