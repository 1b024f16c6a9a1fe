package bistro;

import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;

/** A name, a call, and what comes. */
record Case(String name, Callable<?> call, Object expected) {
    /** Runs cases, tells those that fail, and answers how many. */
    static int failed(String where, List<Case> cases) {
        return (int) cases.stream().filter(one -> !one.holds(where)).count();
    }

    private boolean holds(String where) {
        Object got;
        try {
            got = call.call();
        } catch (Exception error) {
            got = error;
        }
        if (Objects.deepEquals(got, expected)) {
            return true;
        }
        System.out.printf("FAILED %s: %s%n       %.2000s%n       is not %.2000s%n", where, name, got, expected);
        return false;
    }
}
