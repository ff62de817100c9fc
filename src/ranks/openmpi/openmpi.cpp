// libheed_mpi.so, the one file that knows MPI: loaded where mpirun or srun started the process, and only there, since
// its libraries would cost each start of a plain heed a millisecond or more.
#define OMPI_SKIP_MPICXX 1
#include <mpi.h>

#include <chrono>
#include <cstdio>
#include <vector>

#include "../transport_table.h"

namespace {

constexpr int kData = 1;  // tags
constexpr int kEnd = 2;
// Bytes of a message. Of a longer one OpenMPI sends a part after the other over TCP, and then does not receive
// meanwhile.
constexpr std::size_t kMost = std::size_t{1} << 22;

MPI_Comm all = MPI_COMM_NULL;
std::vector<MPI_Request> requests;
std::vector<int> partners;  // of each
std::size_t done = 0;       // of them, from the first on
int failed = -1;            // a partner of whom something did not arrive, or that something did not reach
HeedTransport table;

template <typename Begin>
void in_parts(int partner, std::size_t bytes, const Begin& begin) {
  for (std::size_t at = 0; at < bytes; at += kMost) {
    requests.push_back(MPI_REQUEST_NULL);
    partners.push_back(partner);
    begin(at, static_cast<int>(bytes - at < kMost ? bytes - at : kMost), &requests.back());
  }
}

void receive(int from, void* data, std::size_t bytes) {
  in_parts(from, bytes, [&](std::size_t at, int count, MPI_Request* request) {
    MPI_Irecv(static_cast<char*>(data) + at, count, MPI_BYTE, from, kData, all, request);
  });
}

void send(int to, const void* data, std::size_t bytes) {
  in_parts(to, bytes, [&](std::size_t at, int count, MPI_Request* request) {
    MPI_Isend(static_cast<const char*>(data) + at, count, MPI_BYTE, to, kData, all, request);
  });
}

int waits_for() {
  if (failed >= 0) return failed;
  for (; done < requests.size(); ++done) {
    int ended = 0;
    // What fails is never done, though MPI says that it is when it is asked again: whoever waits finds out why, or that
    // it takes too long.
    if (MPI_Test(&requests[done], &ended, MPI_STATUS_IGNORE) != MPI_SUCCESS) return failed = partners[done];
    if (ended == 0) return partners[done];
  }
  requests.clear();
  partners.clear();
  done = 0;
  return -1;
}

void tell_end(int status) {
  constexpr std::chrono::milliseconds kPatience(100);
  static int told;
  told = status;
  std::vector<MPI_Request> tellings;
  for (int rank = 0; rank < table.size; ++rank) {
    if (rank == table.rank) continue;
    tellings.push_back(MPI_REQUEST_NULL);
    MPI_Isend(&told, 1, MPI_INT, rank, kEnd, all, &tellings.back());
  }
  int ended = 0;
  for (const auto begin = std::chrono::steady_clock::now();
       ended == 0 && std::chrono::steady_clock::now() - begin < kPatience;) {
    if (MPI_Testall(static_cast<int>(tellings.size()), tellings.data(), &ended, MPI_STATUSES_IGNORE) != MPI_SUCCESS)
      return;
  }
}

int told_end(int* rank, int* status) {
  int there = 0;
  MPI_Status from;
  if (MPI_Iprobe(MPI_ANY_SOURCE, kEnd, all, &there, &from) != MPI_SUCCESS || there == 0) return 0;
  *rank = from.MPI_SOURCE;
  return MPI_Recv(status, 1, MPI_INT, *rank, kEnd, all, MPI_STATUS_IGNORE) == MPI_SUCCESS ? 1 : 0;
}

void finish() { MPI_Finalize(); }

}  // namespace

extern "C" __attribute__((visibility("default"))) const HeedTransport* heed_open_transport(char* fault,
                                                                                           std::size_t room) {
  int given = 0;
  if (MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &given) != MPI_SUCCESS || given < MPI_THREAD_FUNNELED ||
      MPI_Comm_dup(MPI_COMM_WORLD, &all) != MPI_SUCCESS) {
    std::snprintf(fault, room, "MPI_Init_thread failed");
    return nullptr;
  }
  MPI_Comm_set_errhandler(all, MPI_ERRORS_RETURN);
  table = {kHeedTransportVersion, 0, 0, receive, send, waits_for, tell_end, told_end, finish};
  MPI_Comm_rank(all, &table.rank);
  MPI_Comm_size(all, &table.size);
  return &table;
}
