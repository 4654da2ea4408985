import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * The same consumer with Kafka's own client: some work for each message, and a commit a second.
 *
 * Bench tells it by its environment what to read; WORK_US is the CPU time that each message takes, in microseconds. It is run from its source:
 * java -cp "$KAFKA_JARS/*" Orders.java
 */
public class Orders {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    public static void main(String[] arguments) throws Exception {
        Properties told = new Properties();
        try (var file = new java.io.FileReader(System.getenv("BENCH_PROPERTIES"))) {
            told.load(file);
        }
        told.putIfAbsent("auto.commit.interval.ms", "1000");
        long workNs = Long.parseLong(System.getenv().getOrDefault("WORK_US", "0")) * 1000;
        var consumer = new KafkaConsumer<>(told, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        Thread main = Thread.currentThread();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            consumer.wakeup();
            try {
                main.join();
            } catch (InterruptedException ended) {
                // The machine ends anyway.
            }
        }));
        try (consumer) {
            consumer.subscribe(List.of(System.getenv("BENCH_TOPIC").split(",")));
            while (true) {
                for (var message : consumer.poll(Duration.ofMillis(200))) {
                    work(workNs);
                }
            }
        } catch (WakeupException asked) {
            // It was asked to end; what is processed was committed when it closed.
        }
    }

    /** Takes CPU time of this thread. */
    private static void work(long ns) {
        long end = THREADS.getCurrentThreadCpuTime() + ns;
        while (THREADS.getCurrentThreadCpuTime() < end) {
            Thread.onSpinWait();
        }
    }
}
