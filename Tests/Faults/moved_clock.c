/* Loaded by LD_PRELOAD: moves the wall clock of a program, by so many seconds (MOVED_CLOCK_SECONDS) or by
 * what stands in a file of 8 bytes, little-endian, which may change meanwhile (MOVED_CLOCK_FILE). With
 * MOVED_CLOCK_BOOT the clock since the boot moves with it, as if the machine had stood still. Timers that
 * are set to an instant of such a clock are set back to that of the machine. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

static int64_t own;
static const volatile int64_t *seconds = &own;
static int moves_boot;

__attribute__((constructor)) static void begin(void) {
    const char *text = getenv("MOVED_CLOCK_SECONDS"), *path = getenv("MOVED_CLOCK_FILE");
    moves_boot = getenv("MOVED_CLOCK_BOOT") != NULL;
    if (text) own = atoll(text);
    if (!path) return;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    void *shared = file < 0 ? MAP_FAILED : mmap(NULL, 8, PROT_READ, MAP_SHARED, file, 0);
    if (shared == MAP_FAILED) abort();
    close(file);
    seconds = shared;
}

static int is_moved(clockid_t clock) {
    return clock == CLOCK_REALTIME || (moves_boot && clock == CLOCK_BOOTTIME);
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    int result = (int)syscall(SYS_clock_gettime, clock, now);
    if (result == 0 && is_moved(clock)) now->tv_sec += *seconds;
    return result;
}

enum { FILES = 4096 };
static _Atomic int clocks[FILES];

int timerfd_create(clockid_t clock, int flags) {
    int file = (int)syscall(SYS_timerfd_create, clock, flags);
    if (file >= 0 && file < FILES) clocks[file] = is_moved(clock);
    return file;
}

int timerfd_settime(int file, int flags, const struct itimerspec *new, struct itimerspec *old) {
    struct itimerspec set = *new;
    int is_armed = set.it_value.tv_sec != 0 || set.it_value.tv_nsec != 0;
    if (is_armed && (flags & TFD_TIMER_ABSTIME) && file >= 0 && file < FILES && clocks[file]) {
        set.it_value.tv_sec -= *seconds;
        if (set.it_value.tv_sec < 0) set.it_value = (struct timespec){0, 1};
    }
    return (int)syscall(SYS_timerfd_settime, file, flags, &set, old);
}

int gettimeofday(struct timeval *now, void *zone) {
    struct timespec exact;
    (void)zone;
    if (clock_gettime(CLOCK_REALTIME, &exact) != 0) return -1;
    now->tv_sec = exact.tv_sec;
    now->tv_usec = exact.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *now) {
    struct timespec exact;
    if (clock_gettime(CLOCK_REALTIME, &exact) != 0) return -1;
    if (now) *now = exact.tv_sec;
    return exact.tv_sec;
}
