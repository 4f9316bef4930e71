/* Writes down what a process does to the files of one folder, and what it says to the network, in the
 * order in which it happens. Loaded with LD_PRELOAD by crash_states.py, which puts together from it what a
 * disk may hold after a power cut.
 *
 *   WRITELOG_ROOT    the folder, an absolute path without a slash at its end
 *   WRITELOG_OUT     the log, outside the folder
 *   WRITELOG_DEAF    "wal" or "folder": syncs of write-ahead logs, or of folders, are reported as done and
 *                    are not done: the control of the harness. The product has no such switch.
 *
 * Each event is a header (struct event), a path, and data, without padding between them; numbers in the
 * machine's order. A write is logged before it is done and a sync after it has succeeded, with the number
 * of events that had been logged when it began: nothing that it may not cover counts as synced.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { MOST = 65536 };

struct event {
  uint32_t size;      /* of the whole event */
  uint32_t kind;      /* a letter, see below */
  uint64_t time;      /* nanoseconds of CLOCK_BOOTTIME */
  uint64_t file;      /* inode number */
  uint64_t offset;    /* of a write; the new size of a truncation */
  uint64_t covers;    /* of a sync: how many events came before it began */
  uint32_t path_size;
  uint32_t data_size;
};

/* C made a name for a new file   W write   T truncate   S synced   F folder synced   L linked another name
 * R renamed (old, zero byte, new) U unlinked   M made a folder   N said to the network */

enum kind { UNSEEN = 0, OTHER, SOCKET, TRACKED, FOLDER };

static struct {
  atomic_int kind;
  uint64_t file;
  int is_wal;
} descriptors[MOST];

static char root[PATH_MAX];
static size_t root_size;
static int out = -1;
static uint64_t count;
static int deaf_wal, deaf_folder;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

__attribute__((constructor)) static void begin(void) {
  const char *folder = getenv("WRITELOG_ROOT"), *file = getenv("WRITELOG_OUT");
  const char *deaf = getenv("WRITELOG_DEAF");
  if (!folder || !file) return;
  strncpy(root, folder, sizeof root - 1);
  root_size = strlen(root);
  deaf_wal = deaf && !strcmp(deaf, "wal");
  deaf_folder = deaf && !strcmp(deaf, "folder");
  out = syscall(SYS_openat, AT_FDCWD, file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static int is_inside(const char *path) {
  return out >= 0 && path && !strncmp(path, root, root_size) &&
         (path[root_size] == '/' || path[root_size] == 0);
}

static uint64_t logged(void) {
  pthread_mutex_lock(&lock);
  uint64_t value = count;
  pthread_mutex_unlock(&lock);
  return value;
}

static void put(char kind, uint64_t file, uint64_t offset, uint64_t covers, const char *path,
                size_t path_size, const struct iovec *data, int parts) {
  int before = errno;
  struct timespec now;
  clock_gettime(CLOCK_BOOTTIME, &now);
  size_t data_size = 0;
  for (int i = 0; i < parts; i++) data_size += data[i].iov_len;
  struct event event = {
      .size = (uint32_t)(sizeof event + path_size + data_size),
      .kind = (uint32_t)kind,
      .time = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec,
      .file = file, .offset = offset, .covers = covers,
      .path_size = (uint32_t)path_size, .data_size = (uint32_t)data_size};
  pthread_mutex_lock(&lock);
  count++;
  struct iovec head[2] = {{&event, sizeof event}, {(void *)path, path_size}};
  syscall(SYS_writev, out, head, 2);
  for (int i = 0; i < parts; i++) {
    size_t done = 0;
    while (done < data[i].iov_len) {
      long n = syscall(SYS_write, out, (char *)data[i].iov_base + done, data[i].iov_len - done);
      if (n <= 0) break;
      done += (size_t)n;
    }
  }
  pthread_mutex_unlock(&lock);
  errno = before;
}

static void note(char kind, uint64_t file, uint64_t offset, uint64_t covers, const char *path) {
  put(kind, file, offset, covers, path, path ? strlen(path) : 0, NULL, 0);
}

static int ends_with(const char *path, const char *end) {
  size_t a = strlen(path), b = strlen(end);
  return a >= b && !strcmp(path + a - b, end);
}

static int opened(int file, const char *path, int was_there) {
  struct stat status;
  if (file < 0 || file >= MOST) return file;
  atomic_store(&descriptors[file].kind, UNSEEN);
  if (!is_inside(path) || ends_with(path, "-shm")) return file;
  if (syscall(SYS_newfstatat, file, "", &status, AT_EMPTY_PATH)) return file;
  descriptors[file].file = status.st_ino;
  descriptors[file].is_wal = ends_with(path, "-wal");
  if (S_ISREG(status.st_mode) && !was_there) note('C', status.st_ino, 0, 0, path);
  atomic_store(&descriptors[file].kind, S_ISREG(status.st_mode)   ? TRACKED
                                        : S_ISDIR(status.st_mode) ? FOLDER
                                                                  : OTHER);
  return file;
}

static int kind_of(int file) {
  if (file < 0 || file >= MOST || out < 0) return OTHER;
  int kind = atomic_load(&descriptors[file].kind);
  if (kind != UNSEEN) return kind;
  struct stat status;
  int before = errno;
  kind = !syscall(SYS_newfstatat, file, "", &status, AT_EMPTY_PATH) && S_ISSOCK(status.st_mode)
             ? SOCKET
             : OTHER;
  errno = before;
  atomic_store(&descriptors[file].kind, kind);
  return kind;
}

static int open_at(int folder, const char *path, int flags, mode_t mode) {
  struct stat status;
  int before = errno;
  int was_there = !(flags & O_CREAT) || !is_inside(path) ||
                  !syscall(SYS_newfstatat, folder, path, &status, 0);
  errno = before;
  return opened((int)syscall(SYS_openat, folder, path, flags, mode), path, was_there);
}

#define MODE(flags)                                      \
  mode_t mode = 0;                                       \
  if ((flags) & (O_CREAT | O_TMPFILE)) {                 \
    va_list rest;                                        \
    va_start(rest, flags);                               \
    mode = va_arg(rest, mode_t);                         \
    va_end(rest);                                        \
  }

int open(const char *path, int flags, ...) { MODE(flags) return open_at(AT_FDCWD, path, flags, mode); }
int open64(const char *path, int flags, ...) { MODE(flags) return open_at(AT_FDCWD, path, flags, mode); }
int openat(int at, const char *path, int flags, ...) { MODE(flags) return open_at(at, path, flags, mode); }
int openat64(int at, const char *path, int flags, ...) { MODE(flags) return open_at(at, path, flags, mode); }
int __open_2(const char *path, int flags) { return open_at(AT_FDCWD, path, flags, 0); }
int __open64_2(const char *path, int flags) { return open_at(AT_FDCWD, path, flags, 0); }

static void forget(int file) {
  if (file >= 0 && file < MOST) atomic_store(&descriptors[file].kind, UNSEEN);
}

int close(int file) {
  forget(file);
  return (int)syscall(SYS_close, file);
}

static void wrote(int file, int64_t offset, const struct iovec *data, int parts) {
  int kind = kind_of(file);
  if (kind == SOCKET) put('N', (uint64_t)file, 0, 0, NULL, 0, data, parts);
  if (kind != TRACKED) return;
  if (offset < 0) offset = syscall(SYS_lseek, file, 0, SEEK_CUR);
  put('W', descriptors[file].file, (uint64_t)offset, 0, NULL, 0, data, parts);
}

ssize_t write(int file, const void *bytes, size_t size) {
  struct iovec data = {(void *)bytes, size};
  wrote(file, -1, &data, 1);
  return syscall(SYS_write, file, bytes, size);
}

ssize_t writev(int file, const struct iovec *data, int parts) {
  wrote(file, -1, data, parts);
  return syscall(SYS_writev, file, data, parts);
}

static ssize_t write_at(int file, const void *bytes, size_t size, off_t offset) {
  struct iovec data = {(void *)bytes, size};
  wrote(file, offset, &data, 1);
  return syscall(SYS_pwrite64, file, bytes, size, offset);
}

ssize_t pwrite(int file, const void *bytes, size_t size, off_t offset) {
  return write_at(file, bytes, size, offset);
}

ssize_t pwrite64(int file, const void *bytes, size_t size, off64_t offset) {
  return write_at(file, bytes, size, offset);
}

ssize_t send(int file, const void *bytes, size_t size, int flags) {
  struct iovec data = {(void *)bytes, size};
  wrote(file, 0, &data, 1);
  return syscall(SYS_sendto, file, bytes, size, flags, NULL, 0);
}

ssize_t sendmsg(int file, const struct msghdr *message, int flags) {
  wrote(file, 0, message->msg_iov, (int)message->msg_iovlen);
  return syscall(SYS_sendmsg, file, message, flags);
}

static int cut(int file, off_t size) {
  if (kind_of(file) == TRACKED) note('T', descriptors[file].file, (uint64_t)size, 0, NULL);
  return (int)syscall(SYS_ftruncate, file, size);
}

int ftruncate(int file, off_t size) { return cut(file, size); }
int ftruncate64(int file, off64_t size) { return cut(file, size); }

static int flush(int file, long call) {
  int kind = kind_of(file);
  if (kind == TRACKED && deaf_wal && descriptors[file].is_wal) return 0;
  if (kind == FOLDER && deaf_folder) return 0;
  uint64_t covers = logged();
  int outcome = (int)syscall(call, file);
  if (outcome == 0 && kind == TRACKED) note('S', descriptors[file].file, 0, covers, NULL);
  if (outcome == 0 && kind == FOLDER) note('F', descriptors[file].file, 0, covers, NULL);
  return outcome;
}

int fsync(int file) { return flush(file, SYS_fsync); }
int fdatasync(int file) { return flush(file, SYS_fdatasync); }

static uint64_t file_at(const char *path) {
  struct stat status;
  int before = errno;
  uint64_t file = syscall(SYS_newfstatat, AT_FDCWD, path, &status, AT_SYMLINK_NOFOLLOW)
                      ? 0 : status.st_ino;
  errno = before;
  return file;
}

static void note_two(char kind, const char *old, const char *new) {
  char both[2 * PATH_MAX];
  size_t a = strlen(old) + 1, b = strlen(new);
  memcpy(both, old, a);
  memcpy(both + a, new, b);
  put(kind, file_at(old), 0, 0, both, a + b, NULL, 0);
}

int rename(const char *old, const char *new) {
  if (is_inside(new)) note_two('R', old, new);
  return (int)syscall(SYS_renameat2, AT_FDCWD, old, AT_FDCWD, new, 0);
}

int link(const char *old, const char *new) {
  if (is_inside(new) && !file_at(new)) note_two('L', old, new);
  return (int)syscall(SYS_linkat, AT_FDCWD, old, AT_FDCWD, new, 0);
}

int unlink(const char *path) {
  if (is_inside(path) && !ends_with(path, "-shm") && file_at(path)) note('U', file_at(path), 0, 0, path);
  return (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0);
}

int mkdir(const char *path, mode_t mode) {
  if (is_inside(path) && !file_at(path)) note('M', 0, 0, 0, path);
  return (int)syscall(SYS_mkdirat, AT_FDCWD, path, mode);
}
