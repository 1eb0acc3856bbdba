// A bad connection: slow, or broken at the worst moment, when the server has the request and the client
// never gets the answer.
#pragma once

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "absl/time/time.h"

namespace makegood::testing {

struct Faults {
  // The answer to the first call that holds these bytes (of its request, or a method's name where the client
  // does not compress that) is thrown away, and its connection cut when the server's end is, or after
  // `swallowing`. Empty: no answer is lost.
  std::string mark;
  absl::Duration swallowing = absl::Seconds(2);
  // Towards the server; 0: as many as there are.
  int bytes_per_second = 0;
};

// Listens on a port of its own and passes everything on to `target_port`, but for the faults.
class LossyProxy {
 public:
  LossyProxy(int target_port, Faults faults);
  ~LossyProxy();
  LossyProxy(const LossyProxy&) = delete;
  LossyProxy& operator=(const LossyProxy&) = delete;

  std::string address() const;
  // 1 as soon as the server has that call.
  int dropped() const { return dropped_; }
  int connections() const { return connections_; }

 private:
  void Accept();
  void Pass(int client);

  const int target_port_;
  const Faults faults_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<bool> over_ = false;
  std::atomic<int> dropped_ = 0;
  std::atomic<int> connections_ = 0;
  std::thread acceptor_;
  std::vector<std::thread> passers_;  // of the acceptor's thread, until it is joined
};

}  // namespace makegood::testing
