// Door: where connections come in. gRPC's own listener never hears of a connection again once the table of
// descriptors was full; this one leaves descriptors for the process's own work, turns away what is above
// that, and goes on by itself (SYS-12).
#pragma once

#include <grpcpp/server_builder.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace makegood::rpc {

// Raises the limit of open files to what the system allows, at most 65,536. Returns the limit now.
int RaiseDescriptorLimit();

// Whether the address ("host:port") can be listened on as things are; a socket that nobody hears of tries it.
absl::Status CheckFree(const std::string& address);

class Door {
 public:
  using Acceptor = grpc::experimental::ExternalConnectionAcceptor;

  // Connections are handed to `acceptor`. A new descriptor has the lowest number that is free, so one of
  // `ceiling` or more says that so many are in use: it is closed at once.
  Door(std::unique_ptr<Acceptor> acceptor, int ceiling);
  ~Door();
  Door(const Door&) = delete;
  Door& operator=(const Door&) = delete;

  // Before Open. "host:port" or "unix-abstract:name"; returns the port, 0 for a socket without one.
  // UNAVAILABLE if it cannot be bound.
  absl::StatusOr<int> Listen(const std::string& address);

  // Lets connections in, on a thread of its own, until Close.
  void Open();
  void Close();

  // Ends the connection that gRPC calls `peer`, as "ipv4:127.0.0.1:40000"; a socket without a port is left
  // alone.
  void Disconnect(const std::string& peer) const;

  // Connections turned away since the start.
  uint64_t turned_away() const { return turned_away_; }

 private:
  void Watch();
  void LetIn(int listener);
  void TurnAway(int connection);

  const std::unique_ptr<Acceptor> acceptor_;
  const int ceiling_;
  std::vector<int> listeners_;
  int stop_ = -1;  // readable when the thread is to end
  std::atomic<uint64_t> turned_away_ = 0;
  int64_t told_ = 0;  // when it was last said in the log
  std::thread thread_;
};

}  // namespace makegood::rpc
