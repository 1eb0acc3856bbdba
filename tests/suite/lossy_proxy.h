// A connection that breaks at the worst moment: the server has the request, the client never the answer.
#pragma once

#include <atomic>
#include <string>
#include <thread>
#include <vector>

namespace makegood::testing {

// Listens on a port of its own and passes everything on to `target_port`. The answer to the first call
// whose request holds `call` (a method's name) is thrown away, and its connection cut.
class LossyProxy {
 public:
  LossyProxy(int target_port, std::string call);
  ~LossyProxy();
  LossyProxy(const LossyProxy&) = delete;
  LossyProxy& operator=(const LossyProxy&) = delete;

  std::string address() const;
  int dropped() const { return dropped_; }
  int connections() const { return connections_; }

 private:
  void Accept();
  void Pass(int client);

  const int target_port_;
  const std::string call_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<bool> over_ = false;
  std::atomic<int> dropped_ = 0;
  std::atomic<int> connections_ = 0;
  std::thread acceptor_;
  std::vector<std::thread> passers_;  // of the acceptor's thread, until it is joined
};

}  // namespace makegood::testing
