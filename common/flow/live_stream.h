// Server streams of what only grows (events, an order's timeline, its thread), or of a list that changes
// (WatchedList). First what is there for the caller, a page at a time, then what is committed, until the
// caller ends the call or the server drains. A stream holds no thread. For common/flow alone.
#pragma once

#include <grpcpp/grpcpp.h>

#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "common/base/status.h"
#include "common/flow/worker.h"
#include "common/rpc/rpc.h"
#include "common/rules/scope.h"

namespace makegood::flow {

// Waits for a commit.
class Waiter {
 public:
  virtual ~Waiter() = default;
  // Thread-safe.
  virtual void Wake() = 0;
};

// Has the waiters woken for whom something was committed; must not block.
using WakeAll = std::function<void(std::vector<std::shared_ptr<Waiter>>)>;

template <typename Source>
class LiveStreams;

// What a source found next for the caller. `more`: look again after these. Without it the source calls
// Wake when there is more.
template <typename Item>
struct Found {
  std::vector<Item> items;
  bool more = false;
};

// One call: looks, writes what was found item by item, and looks again; where there is no more it rests until
// it is woken. Never looks and writes at a time, so that one page at most waits in it. Its source is used by
// one thread at a time:
//
//   using Item, Message
//   void Look(const std::shared_ptr<LiveStream<Source>>& stream);    // calls Take once, at once or later
//   absl::StatusOr<const Message*> MessageOf(const Item& item);      // stays until the next one
//   void Forget(const std::shared_ptr<Waiter>& stream);              // it is over, and not woken any more
template <typename Source>
class LiveStream final : public grpc::ServerWriteReactor<typename Source::Message>,
                         public Waiter,
                         public std::enable_shared_from_this<LiveStream<Source>> {
 public:
  using Item = typename Source::Item;
  using Message = typename Source::Message;

  // Rests until it is woken for the first time.
  LiveStream(LiveStreams<Source>& owner, const rpc::Call& call, Places::Place place, Source source)
      : owner_(owner), call_(call), place_(std::move(place)), source_(std::move(source)) {}

  // Looks for more, or remembers to.
  void Wake() override {
    {
      absl::MutexLock lock(&mutex_);
      if (busy_) {
        again_ = true;
        return;
      }
      busy_ = true;
    }
    source_.Look(this->shared_from_this());
  }

  // What was found, or why the stream ends.
  void Take(absl::StatusOr<Found<Item>> found) {
    if (found.ok()) {
      found_ = *std::move(found);
    } else {
      End(found.status());
    }
    Step();
  }

  // At once if it rests; otherwise when the look or the write under way is over, so that neither outlives
  // what it uses.
  void End(const absl::Status& status) {
    {
      absl::MutexLock lock(&mutex_);
      if (!end_.ok()) return;
      end_ = status;
      if (std::exchange(busy_, true)) return;
    }
    this->Finish(call_.Close(status));
  }

 private:
  void OnWriteDone(bool ok) override {
    if (!ok) End(absl::CancelledError("the caller has gone"));
    Step();
  }

  void OnCancel() override { End(absl::CancelledError("the caller has gone")); }

  void OnDone() override {
    const std::shared_ptr<LiveStream> self = this->shared_from_this();
    source_.Forget(self);
    owner_.Forget(self);
  }

  // The step after the last: finish, write what is at hand, look for more, or rest.
  void Step() {
    const bool at_hand = next_ < found_.items.size();
    if (!at_hand) {
      next_ = 0;
      found_.items = {};
    }
    absl::Status end;
    {
      absl::MutexLock lock(&mutex_);
      const bool woken = !at_hand && std::exchange(again_, false);
      if (!end_.ok()) {
        end = end_;
      } else if (!at_hand && !woken && !found_.more) {
        busy_ = false;
        return;
      }
    }
    if (!end.ok()) return this->Finish(call_.Close(end));
    if (at_hand) return Write(found_.items[next_++]);
    source_.Look(this->shared_from_this());
  }

  void Write(const Item& item) {
    const absl::StatusOr<const Message*> message = source_.MessageOf(item);
    if (!message.ok()) {
      End(message.status());
      return Step();
    }
    grpc::WriteOptions options;
    // The first write carries the call's metadata, which gRPC would hold back with it for ever.
    if (std::exchange(written_, true) && next_ < found_.items.size()) options.set_buffer_hint();
    this->StartWrite(*message, options);
  }

  LiveStreams<Source>& owner_;
  const rpc::Call call_;
  const Places::Place place_;
  // Of whoever is busy.
  Source source_;
  Found<Item> found_;
  size_t next_ = 0;  // of found_
  bool written_ = false;

  absl::Mutex mutex_;
  bool busy_ ABSL_GUARDED_BY(mutex_) = false;   // looks or writes; finished it is so for ever
  bool again_ ABSL_GUARDED_BY(mutex_) = false;  // woken while it was busy
  absl::Status end_ ABSL_GUARDED_BY(mutex_);
};

// The open streams of one method, and the thread that wakes them. Thread-safe. It outlives the server;
// destruction ends the streams and waits for them. Whoever calls Wake stops before that.
template <typename Source>
class LiveStreams {
 public:
  using Stream = LiveStream<Source>;
  using Message = typename Source::Message;

  explicit LiveStreams(std::shared_ptr<rpc::Shares> shares) : shares_(std::move(shares)) {}

  ~LiveStreams() {
    EndStreams();
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(this, &LiveStreams::NoStreams));
  }

  // `make` (const base::v1::Actor& -> absl::StatusOr<Source>): what is streamed, or why it is not.
  // RESOURCE_EXHAUSTED where the caller, or all callers, have as many streams open as they may.
  template <typename Request, typename Make>
  grpc::ServerWriteReactor<Message>* Open(const grpc::CallbackServerContext& context, const Request& request,
                                          const Make& make) {
    const rpc::Call call(context, *Request::descriptor());
    const absl::StatusOr<std::shared_ptr<Stream>> stream = Admit(context, request, call, make);
    if (!stream.ok()) return new Refused(call.Close(stream.status()));
    Wake({*stream});
    return stream->get();
  }

  // Ends all streams with UNAVAILABLE and opens no more: for the server's drain.
  void EndStreams() {
    absl::flat_hash_set<std::shared_ptr<Stream>> streams;
    {
      absl::MutexLock lock(&mutex_);
      ending_ = true;
      streams = streams_;
    }
    for (const auto& stream : streams) stream->End(absl::UnavailableError("the server is draining"));
  }

  // On the thread of its own, for a look may block for an I/O, and wakers hold locks.
  void Wake(std::vector<std::shared_ptr<Waiter>> waiters) {
    worker_.Run([waiters = std::move(waiters)] {
      for (const auto& waiter : waiters) waiter->Wake();
    });
  }

  // That thread, for the owner's jobs: until one is over, its I/O and commit included, no stream is woken.
  Worker& worker() { return worker_; }

  // The stream is over.
  void Forget(const std::shared_ptr<Stream>& stream) {
    absl::MutexLock lock(&mutex_);
    streams_.erase(stream);
  }

 private:
  class Refused final : public grpc::ServerWriteReactor<Message> {
   public:
    explicit Refused(const grpc::Status& status) { this->Finish(status); }
    void OnDone() override { delete this; }
  };

  template <typename Request, typename Make>
  absl::StatusOr<std::shared_ptr<Stream>> Admit(const grpc::CallbackServerContext& context,
                                                const Request& request, const rpc::Call& call,
                                                const Make& make) {
    ASSIGN_OR_RETURN(const base::v1::Actor actor, rpc::PassGates(context, request));
    ASSIGN_OR_RETURN(Source source, make(actor));
    ASSIGN_OR_RETURN(Places::Place place, shares_->streams.Take(rules::CallerOf(actor)));
    absl::MutexLock lock(&mutex_);
    if (ending_) return absl::UnavailableError("the server is draining");
    auto stream = std::make_shared<Stream>(*this, call, std::move(place), std::move(source));
    streams_.insert(stream);
    return stream;
  }

  bool NoStreams() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return streams_.empty(); }

  const std::shared_ptr<rpc::Shares> shares_;
  absl::Mutex mutex_;
  bool ending_ ABSL_GUARDED_BY(mutex_) = false;
  absl::flat_hash_set<std::shared_ptr<Stream>> streams_ ABSL_GUARDED_BY(mutex_);
  Worker worker_{"live-streams"};  // last: its thread uses all of the above
};

}  // namespace makegood::flow
