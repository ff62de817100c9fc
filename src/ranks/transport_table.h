#pragma once
#include <stddef.h>

// What libheed_mpi.so gives: functions of C, so that it needs nothing of the program that loads it.
extern "C" {

enum { kHeedTransportVersion = 1 };

struct HeedTransport {
  int version;  // kHeedTransportVersion
  int rank;
  int size;
  void (*receive)(int from, void* data, size_t bytes);
  void (*send)(int to, const void* data, size_t bytes);
  int (*waits_for)(void);
  void (*tell_end)(int status);
  int (*told_end)(int* rank, int* status);  // 0: nobody told
  void (*finish)(void);
};

/// The symbol "heed_open_transport"; nullptr, and why in `fault`, if that fails.
typedef const struct HeedTransport* (*HeedOpenTransport)(char* fault, size_t room);
}
