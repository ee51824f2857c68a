// Plays random scripts of locks, by real processes, in two directories, and compares what the calls
// return: LockScripts PLAIN MOUNT SEED COUNT
//
// The plain directory is the reference. Its processes are asked by proc(5) whether they wait for a
// lock, so that nothing here depends on time: where a call returned there, the other directory is
// given as long as it needs; where it waited, it must not have returned before it did there.
//
// Who of two that wait for each other is told so depends on whose call arrived last. On the mount
// nothing says whether a call that waits has arrived yet, so there either may be told.
//
// Besides, LockScripts map PATH writes a file to the standard output as a map of it shows it.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PROCESSES = 4, SLOTS = 4, FILES = 2, STEPS_MAX = 80, PATIENCE_MS = 60000 };

enum kind { OPEN, POSIX, OFD, FLOCK, TEST, TEST_OFD, DUP, CLOSE, FORK, EXEC, EXIT, KILL, SIGNAL };
static const char *const kind_names[] = {"open", "fcntl", "ofd",  "flock", "getlk", "ofd-getlk", "dup",
                                         "close", "fork", "exec", "exit",  "kill",  "signal"};

struct step {
    enum kind kind;
    int process, slot, other;  // other: a file, a slot or a process
    int type;                  // F_RDLCK, F_WRLCK or F_UNLCK
    int start, length, waits;
};

enum { WAITS = -1, NOTHING = -2, GONE = -3 };

// What a step led to: the answer of its own call, and of calls that had waited.
struct outcome {
    int answer;
    int woken[PROCESSES];
};

// MARK: The processes

static int do_lock(int fd, const struct step *step) {
    struct flock lock = {.l_type = (short)step->type, .l_whence = SEEK_SET, .l_start = step->start,
                         .l_len = step->length};
    int command = step->kind == OFD ? (step->waits ? F_OFD_SETLKW : F_OFD_SETLK)
                                    : (step->waits ? F_SETLKW : F_SETLK);
    return fcntl(fd, command, &lock) == 0 ? 0 : errno;
}

static int do_test(int fd, const struct step *step) {
    struct flock lock = {.l_type = (short)step->type, .l_whence = SEEK_SET, .l_start = step->start,
                         .l_len = step->length};
    if (fcntl(fd, step->kind == TEST ? F_GETLK : F_OFD_GETLK, &lock) != 0) return errno;
    // Of several locks in the way either may be told.
    return lock.l_type == F_UNLCK ? 0 : 1000;
}

static int do_flock(int fd, const struct step *step) {
    int operation = step->type == F_RDLCK ? LOCK_SH : step->type == F_WRLCK ? LOCK_EX : LOCK_UN;
    return flock(fd, operation | (step->waits ? 0 : LOCK_NB)) == 0 ? 0 : errno;
}

static void noop(int number) { (void)number; }

// Serves commands until it is told to exit; replaces its slots by those of the arguments.
static void serve(const char *directory, const int channels[PROCESSES], int self, int *slots) {
    struct sigaction action = {.sa_handler = noop};
    sigaction(SIGUSR1, &action, NULL);
    signal(SIGCHLD, SIG_IGN);
    struct step step;
    while (read(channels[self], &step, sizeof step) == sizeof step) {
        int answer = 0;
        char path[4096];
        switch (step.kind) {
        case OPEN:
            snprintf(path, sizeof path, "%s/file%d", directory, step.other);
            if (slots[step.slot] >= 0) close(slots[step.slot]);
            slots[step.slot] = open(path, O_RDWR);
            answer = slots[step.slot] < 0 ? errno : 0;
            break;
        case POSIX:
        case OFD: answer = do_lock(slots[step.slot], &step); break;
        case FLOCK: answer = do_flock(slots[step.slot], &step); break;
        case TEST:
        case TEST_OFD: answer = do_test(slots[step.slot], &step); break;
        case DUP:
            if (slots[step.other] >= 0) close(slots[step.other]);
            slots[step.other] = dup(slots[step.slot]);
            answer = slots[step.other] < 0 ? errno : 0;
            break;
        case CLOSE:
            answer = close(slots[step.slot]) == 0 ? 0 : errno;
            slots[step.slot] = -1;
            break;
        case FORK: {
            pid_t child = fork();
            if (child == 0) {
                self = step.other;
                answer = (int)getpid();
            } else {
                answer = child > 0 ? 0 : errno;
                // The child answers for both.
                if (child > 0) continue;
            }
            break;
        }
        case EXEC: {
            char words[3 + PROCESSES + SLOTS][16];
            char *arguments[7 + PROCESSES + SLOTS] = {"LockScripts", "serve", (char *)directory};
            int count = 3;
            snprintf(words[0], 16, "%d", self);
            arguments[count++] = words[0];
            for (int i = 0; i < PROCESSES; i++) {
                snprintf(words[1 + i], 16, "%d", channels[i]);
                arguments[count++] = words[1 + i];
            }
            for (int i = 0; i < SLOTS; i++) {
                snprintf(words[1 + PROCESSES + i], 16, "%d", slots[i]);
                arguments[count++] = words[1 + PROCESSES + i];
            }
            execv("/proc/self/exe", arguments);
            answer = errno;
            break;
        }
        case EXIT: _exit(0);
        case KILL:
        case SIGNAL: answer = EINVAL; break;
        }
        if (write(channels[self], &answer, sizeof answer) != sizeof answer) _exit(1);
    }
    _exit(0);
}

// MARK: One run of a script

struct run {
    const char *directory;
    int ours[PROCESSES], theirs[PROCESSES];
    pid_t processes[PROCESSES];  // 0: not begun, -1: gone
    struct step waiting[PROCESSES];
    int waits[PROCESSES];
};

static void fail(const char *text) {
    perror(text);
    exit(2);
}

static void begin(struct run *run, const char *directory) {
    memset(run, 0, sizeof *run);
    run->directory = directory;
    for (int i = 0; i < FILES; i++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/file%d", directory, i);
        int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
        if (fd < 0) fail(path);
        close(fd);
    }
    for (int i = 0; i < PROCESSES; i++) {
        int pair[2];
        if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) != 0) fail("socketpair");
        run->ours[i] = pair[0];
        run->theirs[i] = pair[1];
        fcntl(pair[0], F_SETFD, FD_CLOEXEC);
    }
    for (int i = 0; i < 2; i++) {
        run->processes[i] = fork();
        if (run->processes[i] < 0) fail("fork");
        if (run->processes[i] == 0) {
            int slots[SLOTS];
            for (int s = 0; s < SLOTS; s++) slots[s] = -1;
            for (int p = 0; p < PROCESSES; p++) close(run->ours[p]);
            serve(directory, run->theirs, i, slots);
        }
    }
}

// Waits until a process has ended, and all its files are closed.
static void await_end(pid_t process) {
    int fd = (int)syscall(SYS_pidfd_open, process, 0);
    if (fd >= 0) {
        struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
        while (poll(&poll_fd, 1, PATIENCE_MS) < 0 && errno == EINTR) {}
        close(fd);
    }
    while (waitpid(process, NULL, 0) < 0 && errno == EINTR) {}
}

static void end(struct run *run) {
    for (int i = 0; i < PROCESSES; i++)
        if (run->processes[i] > 0) kill(run->processes[i], SIGKILL);
    for (int i = 0; i < PROCESSES; i++)
        if (run->processes[i] > 0) await_end(run->processes[i]);
    for (int i = 0; i < PROCESSES; i++) {
        close(run->ours[i]);
        close(run->theirs[i]);
    }
    for (int i = 0; i < FILES; i++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/file%d", run->directory, i);
        unlink(path);
    }
}

// Reads an answer that comes within so many milliseconds.
static int answer_within(struct run *run, int process, int milliseconds, int *answer) {
    struct pollfd poll_fd = {.fd = run->ours[process], .events = POLLIN};
    int count;
    while ((count = poll(&poll_fd, 1, milliseconds)) < 0 && errno == EINTR) {}
    return count > 0 && read(run->ours[process], answer, sizeof *answer) == sizeof *answer;
}

// Whether a process sleeps in fcntl(2) or flock(2).
static int sleeps_for_lock(pid_t process) {
    char path[64], text[64];
    snprintf(path, sizeof path, "/proc/%d/syscall", (int)process);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return 0;
    ssize_t count = read(fd, text, sizeof text - 1);
    close(fd);
    if (count <= 0) return 0;
    text[count] = 0;
    long number = strncmp(text, "running", 7) == 0 ? -1 : strtol(text, NULL, 10);
    return number == SYS_fcntl || number == SYS_flock;
}

// The answer of a process on the plain directory, or that it waits.
static int answer_or_wait(struct run *run, int process) {
    int answer, still = 0;
    for (;;) {
        if (answer_within(run, process, 0, &answer)) return answer;
        // Asked more than once: it may sleep for a moment on its way.
        still = sleeps_for_lock(run->processes[process]) ? still + 1 : 0;
        if (still >= 3) return WAITS;
        sched_yield();
    }
}

// Begins a step; returns NOTHING if it needs no answer.
static int send_step(struct run *run, const struct step *step) {
    pid_t process = run->processes[step->process];
    switch (step->kind) {
    case EXIT:
        if (write(run->ours[step->process], step, sizeof *step) < 0) fail("write");
        await_end(process);
        run->processes[step->process] = -1;
        return NOTHING;
    case KILL:
        kill(process, SIGKILL);
        await_end(process);
        run->processes[step->process] = -1;
        run->waits[step->process] = 0;
        return NOTHING;
    case SIGNAL:
        kill(process, SIGUSR1);
        return NOTHING;
    default:
        if (write(run->ours[step->process], step, sizeof *step) < 0) fail("write");
        return 0;
    }
}

// Whether two waits could get their locks in either order, or only one of them may wait.
static int are_rivals(const struct step *one, const struct step *other, int one_file, int other_file) {
    if (one_file != other_file) return 0;
    if ((one->kind == FLOCK) != (other->kind == FLOCK)) return 0;
    // Open files are never found to wait for each other.
    if (one->kind == OFD || other->kind == OFD) return 1;
    if (one->kind == FLOCK) return one->type == F_WRLCK || other->type == F_WRLCK;
    int one_end = one->length ? one->start + one->length : 1 << 20;
    int other_end = other->length ? other->start + other->length : 1 << 20;
    return one->start < other_end && other->start < one_end
        && (one->type == F_WRLCK || other->type == F_WRLCK);
}

// MARK: Scripts

static uint64_t random_state;
static unsigned next_random(unsigned bound) {
    random_state += 0x9E3779B97F4A7C15;
    uint64_t bits = random_state;
    bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9;
    bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EB;
    return (unsigned)((bits ^ (bits >> 31)) % bound);
}

static enum kind random_kind(void) {
    static const enum kind kinds[] = {OPEN, OPEN, POSIX, POSIX, POSIX, POSIX, POSIX, POSIX, OFD, OFD,
                                      OFD, FLOCK, FLOCK, FLOCK, FLOCK, TEST, TEST_OFD, DUP, CLOSE, CLOSE,
                                      FORK, EXEC, EXIT, KILL, SIGNAL};
    return kinds[next_random(sizeof kinds / sizeof kinds[0])];
}

static int make_script(uint64_t seed, struct step *steps) {
    random_state = seed;
    int count = 0;
    for (int p = 0; p < 2; p++)
        for (int f = 0; f < FILES; f++)
            steps[count++] = (struct step){.kind = OPEN, .process = p, .slot = f, .other = f};
    // Some scripts are about one kind of lock only: there more waits for each other.
    unsigned theme = next_random(4);
    int length = 12 + (int)next_random(STEPS_MAX - 12);
    while (count < length) {
        struct step step = {.kind = random_kind(),
                            .process = (int)next_random(next_random(2) ? 2 : PROCESSES),
                            .slot = (int)next_random(next_random(3) ? FILES : SLOTS),
                            .type = next_random(4) ? (next_random(3) ? F_WRLCK : F_RDLCK) : F_UNLCK,
                            .start = (int)next_random(4),
                            .length = (int)next_random(3),
                            .waits = next_random(4) != 0};
        if (theme == 1 && (step.kind == OFD || step.kind == FLOCK)) step.kind = POSIX;
        if (theme == 3 && step.kind >= POSIX && step.kind <= FLOCK && next_random(4)) {
            step.kind = POSIX;
            step.process = (int)next_random(2);
            step.slot = (int)next_random(FILES);
            step.type = F_WRLCK;
            step.start = (int)next_random(2);
            step.length = 1;
        }
        if (theme == 2 && (step.kind == POSIX || step.kind == OFD)) step.kind = FLOCK;
        step.other = (int)next_random(
            step.kind == OPEN ? FILES : step.kind == FORK ? PROCESSES : SLOTS);
        if (step.kind == TEST || step.kind == TEST_OFD)
            if (step.type == F_UNLCK) step.type = F_WRLCK;
        steps[count++] = step;
    }
    return count;
}

static void print_step(const struct step *s, const struct outcome *plain) {
    static const char *const types[] = {"read", "write", "unlock"};
    printf("  %-9s p%d s%d", kind_names[s->kind], s->process, s->slot);
    switch (s->kind) {
    case OPEN: printf(" file%d", s->other); break;
    case DUP: printf(" to s%d", s->other); break;
    case FORK: printf(" as p%d", s->other); break;
    case POSIX: case OFD: case TEST: case TEST_OFD:
        printf(" %s %d+%d%s", types[s->type], s->start, s->length, s->waits ? " waiting" : "");
        break;
    case FLOCK: printf(" %s%s", types[s->type], s->waits ? " waiting" : ""); break;
    default: break;
    }
    if (plain) {
        printf("\t-> %d", plain->answer);
        for (int p = 0; p < PROCESSES; p++)
            if (plain->woken[p] != WAITS) printf(", p%d wakes with %d", p, plain->woken[p]);
    }
    printf("\n");
}

// Which file each slot of each process has open; -1 for none.
struct table { int file[PROCESSES][SLOTS]; };

// Whether a step makes sense now; a wait that would make the outcome a matter of luck becomes none.
static int prepare(struct run *run, struct table *table, struct step *step) {
    int p = step->process;
    if (run->processes[p] <= 0) return 0;
    if (run->waits[p])
        return (step->kind == KILL && next_random(4) == 0) || step->kind == SIGNAL;
    int file = table->file[p][step->slot];
    switch (step->kind) {
    case OPEN: return 1;
    case FORK: return run->processes[step->other] == 0;
    case EXEC: return 1;
    case EXIT:
    case KILL: return next_random(4) == 0;
    case SIGNAL: return 0;
    case DUP: return file >= 0 && step->slot != step->other;
    case CLOSE: case TEST: case TEST_OFD: return file >= 0;
    case POSIX: case OFD: case FLOCK: break;
    }
    if (file < 0) return 0;
    if (step->type == F_UNLCK) step->waits = 0;
    for (int q = 0; q < PROCESSES && step->waits; q++) {
        if (!run->waits[q]) continue;
        const struct step *other = &run->waiting[q];
        if (are_rivals(step, other, file, table->file[q][other->slot])) step->waits = 0;
    }
    return 1;
}

static void note(struct table *table, struct run *run, const struct step *step, int answer) {
    int *mine = table->file[step->process];
    if (answer > 0 && step->kind != FORK) return;
    switch (step->kind) {
    case OPEN: mine[step->slot] = step->other; break;
    case DUP: mine[step->other] = mine[step->slot]; break;
    case CLOSE: mine[step->slot] = -1; break;
    case FORK:
        memcpy(table->file[step->other], mine, sizeof table->file[0]);
        run->processes[step->other] = answer;
        break;
    default: break;
    }
}

// Where the answer to a step comes from.
static int answerer(const struct step *step) {
    return step->kind == FORK ? step->other : step->process;
}

// Plays a script on the plain directory; fills in the outcomes, and marks steps that are left out.
static void play_plain(const char *directory, struct step *steps, int count,
                       struct outcome *outcomes, int *used) {
    struct run run;
    struct table table;
    memset(&table, -1, sizeof table);
    begin(&run, directory);
    for (int i = 0; i < count; i++) {
        struct outcome *outcome = &outcomes[i];
        outcome->answer = NOTHING;
        for (int p = 0; p < PROCESSES; p++) outcome->woken[p] = WAITS;
        used[i] = prepare(&run, &table, &steps[i]);
        if (!used[i]) continue;
        if (send_step(&run, &steps[i]) != NOTHING) {
            if (steps[i].kind == FORK) {
                // The process is known when it has answered.
                if (!answer_within(&run, steps[i].other, PATIENCE_MS, &outcome->answer))
                    fail("no answer to fork");
            } else {
                outcome->answer = answer_or_wait(&run, answerer(&steps[i]));
            }
        }
        note(&table, &run, &steps[i], outcome->answer);
        if (steps[i].kind == FORK) outcome->answer = 0;
        for (int p = 0; p < PROCESSES; p++) {
            if (!run.waits[p]) continue;
            outcome->woken[p] = answer_or_wait(&run, p);
            if (outcome->woken[p] != WAITS) run.waits[p] = 0;
        }
        if (outcome->answer == WAITS) {
            run.waits[steps[i].process] = 1;
            run.waiting[steps[i].process] = steps[i];
        }
    }
    end(&run);
}

static char message[256];

// Plays the steps that were used on the mount. Returns the step that went otherwise, or -1; a deadlock
// that is found earlier than there ends the script.
static int play_mount(const char *directory, const struct step *steps, int count,
                      const struct outcome *outcomes, const int *used, long *early) {
    struct run run;
    int result = -1, answer;
    begin(&run, directory);
    for (int i = 0; i < count && result < 0; i++) {
        if (!used[i]) continue;
        const struct outcome *expected = &outcomes[i];
        int source = answerer(&steps[i]);
        if (send_step(&run, &steps[i]) != NOTHING) {
            int waits = expected->answer == WAITS;
            int came = 0;
            if (waits) {
                answer = answer_or_wait(&run, source);
                came = answer != WAITS;
            } else if (expected->answer == EDEADLK) {
                int other = 0;
                for (int left = PATIENCE_MS; left > 0 && !came && !other; left -= 10) {
                    came = answer_within(&run, source, 10, &answer);
                    for (int p = 0; p < PROCESSES && !came && !other; p++)
                        other = run.waits[p] && answer_within(&run, p, 0, &answer) && answer == EDEADLK;
                }
                if (other) {
                    ++*early;
                    break;
                }
            } else {
                came = answer_within(&run, source, PATIENCE_MS, &answer);
            }
            if (came && steps[i].kind == FORK) {
                run.processes[steps[i].other] = answer;
                answer = 0;
            }
            if (waits && came && answer == EDEADLK) {
                // The reference looks at one lock in the way, and finds the others when that is gone.
                ++*early;
                break;
            }
            if (waits ? came : !came || answer != expected->answer) {
                snprintf(message, sizeof message, "%s %d, expected %d",
                         came ? "returned" : "did not return", came ? answer : 0, expected->answer);
                result = i;
                break;
            }
            if (waits) run.waits[source] = 1;
        }
        for (int p = 0; p < PROCESSES; p++) {
            if (!run.waits[p]) continue;
            if (p == source && expected->answer == WAITS) continue;
            int waits = expected->woken[p] == WAITS;
            int came = answer_within(&run, p, waits ? 0 : PATIENCE_MS, &answer);
            if (waits && came && answer == EDEADLK) {
                ++*early;
                i = count;
                break;
            }
            if (waits ? came : !came || answer != expected->woken[p]) {
                snprintf(message, sizeof message, "waiting p%d %s %d, expected %d", p,
                         came ? "returned" : "did not return", came ? answer : 0,
                         expected->woken[p]);
                result = i;
                break;
            }
            if (!waits) run.waits[p] = 0;
        }
    }
    end(&run);
    return result;
}

static int differs(const char *plain, const char *mount, struct step *steps, int count,
                   struct outcome *outcomes, int *used, long *early) {
    play_plain(plain, steps, count, outcomes, used);
    return play_mount(mount, steps, count, outcomes, used, early);
}

// Leaves out steps as long as the rest still goes otherwise.
static int shrink(const char *plain, const char *mount, struct step *steps, int count,
                  struct outcome *outcomes, int *used) {
    long early = 0;
    for (int i = count - 1; i >= 0; i--) {
        struct step shorter[STEPS_MAX];
        memcpy(shorter, steps, sizeof(struct step) * (size_t)i);
        memcpy(shorter + i, steps + i + 1, sizeof(struct step) * (size_t)(count - i - 1));
        random_state = 1;
        if (differs(plain, mount, shorter, count - 1, outcomes, used, &early) < 0) continue;
        count--;
        memcpy(steps, shorter, sizeof(struct step) * (size_t)count);
    }
    return count;
}

// MARK: Maps

static int show_map(const char *path) {
    struct stat status;
    int fd = open(path, O_RDONLY);
    if (fd < 0 || fstat(fd, &status) != 0) return perror(path), 1;
    char *map = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_SHARED, fd, 0);
    if (map == MAP_FAILED) return perror(path), 1;
    for (off_t done = 0; done < status.st_size;) {
        // A page that cannot be had is an error here, and no signal.
        ssize_t count = write(1, map + done, (size_t)(status.st_size - done));
        if (count < 0) return perror(path), 1;
        done += count;
    }
    return 0;
}

int main(int argc, char **argv) {
    if (argc == 4 + PROCESSES + SLOTS && strcmp(argv[1], "serve") == 0) {
        int channels[PROCESSES], slots[SLOTS], self = atoi(argv[3]), answer = 0;
        for (int i = 0; i < PROCESSES; i++) channels[i] = atoi(argv[4 + i]);
        for (int i = 0; i < SLOTS; i++) slots[i] = atoi(argv[4 + PROCESSES + i]);
        if (write(channels[self], &answer, sizeof answer) != sizeof answer) return 1;
        serve(argv[2], channels, self, slots);
    }
    if (argc == 3 && strcmp(argv[1], "map") == 0) return show_map(argv[2]);
    if (argc != 5) {
        fprintf(stderr, "usage: LockScripts PLAIN MOUNT SEED COUNT\n");
        return 64;
    }
    // Processes whose parent has ended are waited for here.
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    uint64_t seed = strtoull(argv[3], NULL, 10), last = seed + strtoull(argv[4], NULL, 10);
    long calls = 0, waits = 0, deadlocks = 0, interrupts = 0, early = 0;
    for (; seed < last; seed++) {
        struct step steps[STEPS_MAX];
        struct outcome outcomes[STEPS_MAX];
        int used[STEPS_MAX];
        int count = make_script(seed, steps);
        if (differs(argv[1], argv[2], steps, count, outcomes, used, &early) >= 0) {
            count = shrink(argv[1], argv[2], steps, count, outcomes, used);
            random_state = 1;
            int place = differs(argv[1], argv[2], steps, count, outcomes, used, &early);
            printf("seed %llu goes otherwise%s: %s\n", (unsigned long long)seed,
                   place < 0 ? ", but not always" : "", message);
            for (int i = 0; i < count && (place < 0 || i <= place); i++)
                if (used[i]) print_step(&steps[i], &outcomes[i]);
            return 1;
        }
        for (int i = 0; i < count; i++) {
            if (!used[i]) continue;
            calls++;
            waits += outcomes[i].answer == WAITS;
            deadlocks += outcomes[i].answer == EDEADLK;
            for (int p = 0; p < PROCESSES; p++) interrupts += outcomes[i].woken[p] == EINTR;
        }
    }
    printf("%s scripts, %ld calls, %ld waits, %ld deadlocks, %ld interrupts; %ld ended early\n", argv[4],
           calls, waits, deadlocks, interrupts, early);
    // More would be false alarms.
    return early > 1 + deadlocks / 4;
}
