/* delay NAMESPACE NAMESPACE MICROSECONDS - a link between two network namespaces, each of which gets a device "wire":
 * a frame that leaves one arrives at the other so much later. For kernels without `tc netem`. Ends with its input. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

enum { kFrame = 65536 + 64, kFrames = 1024 };

struct Way {
  int from, to;
  unsigned first, last; /* frames on their way */
  uint64_t due[kFrames];
  int size[kFrames];
  char* frames;
};

static void fail(const char* what) {
  fprintf(stderr, "delay: %s: %s\n", what, strerror(errno));
  exit(1);
}

static uint64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* Frames come as TCP makes them, of up to 64 KB, with a header that says how they are to be cut. */
static int open_wire(const char* name_of_space) {
  char path[256];
  snprintf(path, sizeof(path), "/run/netns/%s", name_of_space);
  const int space = open(path, O_RDONLY);
  if (space < 0 || setns(space, CLONE_NEWNET) != 0) fail(path);
  const int wire = open("/dev/net/tun", O_RDWR | O_NONBLOCK);
  struct ifreq request;
  memset(&request, 0, sizeof(request));
  strcpy(request.ifr_name, "wire");
  request.ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR;
  if (wire < 0 || ioctl(wire, TUNSETIFF, &request) != 0) fail("/dev/net/tun");
  if (ioctl(wire, TUNSETOFFLOAD, TUN_F_CSUM | TUN_F_TSO4) != 0) fail("TUNSETOFFLOAD");
  return wire;
}

static void receive(struct Way* way, uint64_t delay) {
  while (way->last - way->first < kFrames) {
    const unsigned at = way->last % kFrames;
    const ssize_t size = read(way->from, way->frames + (size_t)at * kFrame, kFrame);
    if (size <= 0) return;
    way->size[at] = (int)size;
    way->due[at] = now() + delay;
    ++way->last;
  }
}

static void deliver(struct Way* way) {
  for (; way->first != way->last; ++way->first) {
    const unsigned at = way->first % kFrames;
    if (way->due[at] > now()) return;
    if (write(way->to, way->frames + (size_t)at * kFrame, (size_t)way->size[at]) < 0 && errno == EAGAIN) return;
  }
}

int main(int argc, char** argv) {
  if (argc != 4) {
    fprintf(stderr, "usage: delay NAMESPACE NAMESPACE MICROSECONDS\n");
    return 2;
  }
  const uint64_t delay = (uint64_t)(atof(argv[3]) * 1e3);
  prctl(PR_SET_TIMERSLACK, 1);
  static struct Way ways[2];
  ways[0].from = ways[1].to = open_wire(argv[1]);
  ways[1].from = ways[0].to = open_wire(argv[2]);
  for (int i = 0; i < 2; ++i) ways[i].frames = malloc((size_t)kFrames * kFrame);
  puts("ready");
  fflush(stdout);
  for (;;) {
    struct pollfd polled[3] = {{ways[0].from, POLLIN, 0}, {ways[1].from, POLLIN, 0}, {0, 0, 0}};
    uint64_t next = UINT64_MAX;
    for (int i = 0; i < 2; ++i) {
      deliver(&ways[i]);
      if (ways[i].first != ways[i].last && ways[i].due[ways[i].first % kFrames] < next)
        next = ways[i].due[ways[i].first % kFrames];
      if (ways[i].last - ways[i].first == kFrames) polled[i].events = 0;
    }
    const uint64_t time = now();
    const uint64_t left = next == UINT64_MAX ? 1000000000u : next > time ? next - time : 0;
    const struct timespec wait = {(time_t)(left / 1000000000u), (long)(left % 1000000000u)};
    ppoll(polled, 3, &wait, NULL);
    if (polled[2].revents & (POLLHUP | POLLERR)) return 0;
    for (int i = 0; i < 2; ++i) receive(&ways[i], delay);
  }
}
