/* Sends prepared requests over many connections and tells how it went.
 *
 *   Load PORT FILE CONNECTIONS [RATE]
 *
 * FILE holds requests one after the other: the number of a stream and a length, each four bytes, least first,
 * then the whole HTTP request. Requests of one stream are sent in order over one connection, each when the
 * one before it is answered. Without RATE a connection sends as fast as it is answered. With RATE all together
 * send so many a second, whatever is answered, and a time is taken from the instant at which a request should
 * have been sent: a server that stalls is not spared what would have been sent meanwhile.
 *
 * Prints one JSON object: requests, answers other than 200, seconds, rate, times in microseconds.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define ANSWER 262144

struct request {
  const char *bytes;
  uint32_t length;
  double due;
};

struct connection {
  int file;
  struct request *requests;
  size_t count, room, next;
  int busy;
  uint32_t sent;
  double begun;
  char *answer;
  size_t have;
};

static double *times;
static size_t answered, refused;
static int queue;

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec * 1e-9;
}

static void watch(struct connection *connection, uint32_t events, int operation) {
  struct epoll_event event = {.events = events, .data.ptr = connection};
  if (epoll_ctl(queue, operation, connection->file, &event) != 0) fail("epoll_ctl");
}

static void push(struct connection *connection) {
  struct request *request = &connection->requests[connection->next];
  while (connection->sent < request->length) {
    ssize_t size = send(connection->file, request->bytes + connection->sent,
                        request->length - connection->sent, MSG_NOSIGNAL);
    if (size < 0 && errno == EAGAIN) return watch(connection, EPOLLIN | EPOLLOUT, EPOLL_CTL_MOD);
    if (size < 0) fail("send");
    connection->sent += size;
  }
}

static void begin(struct connection *connection, double start) {
  connection->busy = 1;
  connection->sent = 0;
  connection->have = 0;
  connection->begun = start;
  push(connection);
}

/* The length of a whole answer, 0 while it is not whole. */
static size_t whole(const char *answer, size_t have) {
  const char *end = memmem(answer, have, "\r\n\r\n", 4);
  if (end == NULL) return 0;
  for (const char *line = answer; line < end;) {
    const char *stop = memmem(line, end + 2 - line, "\r\n", 2);
    if (strncasecmp(line, "content-length:", 15) == 0) {
      size_t length = (end + 4 - answer) + strtoul(line + 15, NULL, 10);
      return have >= length ? length : 0;
    }
    line = stop + 2;
  }
  fprintf(stderr, "an answer without a length\n");
  exit(1);
}

static void pull(struct connection *connection) {
  ssize_t size =
      recv(connection->file, connection->answer + connection->have, ANSWER - connection->have - 1, 0);
  if (size < 0 && errno == EAGAIN) return;
  if (size <= 0) {
    fprintf(stderr, "a connection ended\n");
    exit(1);
  }
  connection->have += size;
  if (whole(connection->answer, connection->have) == 0) return;
  times[answered++] = now() - connection->begun;
  if (strncmp(connection->answer, "HTTP/1.1 200", 12) != 0) {
    if (refused++ == 0) {
      connection->answer[connection->have] = 0;
      fprintf(stderr, "%s\n", connection->answer);
    }
  }
  connection->busy = 0;
  connection->next++;
}

static int compare(const void *left, const void *right) {
  double difference = *(const double *)left - *(const double *)right;
  return (difference > 0) - (difference < 0);
}

static struct connection *read_requests(const char *name, int connections, size_t *total) {
  int file = open(name, O_RDONLY);
  struct stat status;
  if (file < 0 || fstat(file, &status) != 0) fail(name);
  const char *text = mmap(NULL, status.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, file, 0);
  if (text == MAP_FAILED) fail("mmap");
  struct connection *all = calloc(connections, sizeof *all);
  for (off_t place = 0; place < status.st_size; (*total)++) {
    uint32_t head[2];
    memcpy(head, text + place, 8);
    struct connection *one = &all[head[0] % connections];
    if (one->count == one->room) {
      one->room = one->room ? one->room * 2 : 64;
      one->requests = realloc(one->requests, one->room * sizeof *one->requests);
    }
    one->requests[one->count++] = (struct request){text + place + 8, head[1], *total};
    place += 8 + head[1];
  }
  return all;
}

static void connect_to(struct connection *connection, int port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  connection->file = socket(AF_INET, SOCK_STREAM, 0);
  if (connect(connection->file, (struct sockaddr *)&address, sizeof address) != 0) fail("connect");
  int one = 1;
  setsockopt(connection->file, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  fcntl(connection->file, F_SETFL, O_NONBLOCK);
  connection->answer = malloc(ANSWER);
  watch(connection, EPOLLIN, EPOLL_CTL_ADD);
}

/* Sends whatever is due; the seconds until something else is, negative where nothing is waited for. */
static double send_due(struct connection *all, int connections, double rate, double start) {
  double wait = -1;
  double instant = now() - start;
  for (int i = 0; i < connections; i++) {
    struct connection *one = &all[i];
    if (one->busy || one->next == one->count) continue;
    double due = rate > 0 ? one->requests[one->next].due / rate : 0;
    if (due <= instant) {
      begin(one, rate > 0 ? start + due : now());
    } else if (wait < 0 || due - instant < wait) {
      wait = due - instant;
    }
  }
  return wait;
}

int main(int count, char **words) {
  if (count < 4) {
    fprintf(stderr, "usage: Load PORT FILE CONNECTIONS [RATE]\n");
    return 64;
  }
  int connections = atoi(words[3]);
  double rate = count > 4 ? atof(words[4]) : 0;
  size_t total = 0;
  struct connection *all = read_requests(words[2], connections, &total);
  times = calloc(total, sizeof *times);
  queue = epoll_create1(0);
  for (int i = 0; i < connections; i++) connect_to(&all[i], atoi(words[1]));
  double start = now();
  double wait = send_due(all, connections, rate, start);
  while (answered < total) {
    struct epoll_event events[256];
    struct timespec pause = {(time_t)wait, (long)((wait - (time_t)wait) * 1e9)};
    int ready = epoll_pwait2(queue, events, 256, wait < 0 ? NULL : &pause, NULL);
    if (ready < 0 && errno != EINTR) fail("epoll_pwait2");
    for (int i = 0; i < ready; i++) {
      struct connection *one = events[i].data.ptr;
      if (events[i].events & EPOLLOUT) {
        watch(one, EPOLLIN, EPOLL_CTL_MOD);
        push(one);
      }
      if (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) pull(one);
      if (rate == 0 && !one->busy && one->next < one->count) begin(one, now());
    }
    if (rate > 0) wait = send_due(all, connections, rate, start);
  }
  double seconds = now() - start;
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  qsort(times, total, sizeof *times, compare);
  printf("{\"requests\":%zu,\"refused\":%zu,\"seconds\":%.4f,\"rate\":%.1f,\"processor\":%.4f,", total,
         refused, seconds, total / seconds,
         usage.ru_utime.tv_sec + usage.ru_stime.tv_sec +
             (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6);
  printf("\"p50\":%.0f,\"p99\":%.0f,\"p999\":%.0f,\"max\":%.0f}\n", times[total / 2] * 1e6,
         times[(size_t)(total * 0.99)] * 1e6, times[(size_t)(total * 0.999)] * 1e6,
         times[total - 1] * 1e6);
  return refused > 0;
}
