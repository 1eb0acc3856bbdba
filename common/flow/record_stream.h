// Server streams over a list that only grows: an order's timeline, an order's thread. First what
// stands after the caller's token, then each new record as it is committed, until the caller ends
// the call or the server drains. A stream holds no thread.
//
//   flow::RecordStreams<StreamMessagesRequest, ChatMessage> streams_(environment, "thread", ReadMessages);
//   ...
//   return streams_.Open(*context, *request, request->order_id(), PlaceAfter(request->resume_token()));
#pragma once

#include <grpcpp/grpcpp.h>

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "common/rpc/rpc.h"
#include "common/rules/scope.h"
#include "common/store/store.h"

namespace makegood::flow {

// Of each stream so much of the list waits at most, but for a single record.
inline constexpr size_t kPieceBytes = 64 << 10;

// A piece of such a list.
template <typename M>
struct Piece {
  std::vector<M> messages;  // in order; those the caller may see
  int64_t last = 0;         // the place to go on after, whether or not what stands there was shown
  bool more = false;        // there is more already
};

// Calls whoever waits for a record when it is written, on a thread of its own. Thread-safe. Make
// it before the store's first Submit; the store may outlive it.
class RecordBell {
 public:
  RecordBell(store::Store& store, std::string kind);
  ~RecordBell();  // joins the thread

  // `ring` is called after each commit that writes the record `id`, until Remove; once more may be
  // under way while Remove returns. The answer is for Remove.
  uint64_t Add(const std::string& id, std::function<void()> ring);
  void Remove(uint64_t listener);

 private:
  struct State;
  static void Loop(State& state);

  std::shared_ptr<State> state_;
  std::thread thread_;
};

// Thread-safe. Make it before the store's first Submit; it outlives the server. Destruction ends the
// streams and waits for them.
template <typename Request, typename M>
class RecordStreams {
 public:
  // One piece of the list after the place `after`, or why the caller may not read it: asked anew for
  // each piece, on the store's pool of readers. A caller who reads slowly keeps it in memory.
  using ReadPiece = std::function<absl::StatusOr<Piece<M>>(const Request& request, const base::v1::Actor&,
                                                           store::Reader&, int64_t after)>;

  // `head_kind`: the record that is written whenever the list grows.
  RecordStreams(const rpc::Environment& environment, std::string head_kind, ReadPiece read)
      : store_(environment.store),
        read_(std::move(read)),
        shares_(environment.shares),
        bell_(environment.store, std::move(head_kind)) {}

  ~RecordStreams() {
    EndStreams();
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(this, &RecordStreams::NoStreams));
  }

  // `head_id`: the list's head record. `after`: where the caller left off, or why its token is refused.
  // RESOURCE_EXHAUSTED where the caller, or all callers, have as many streams open as they may.
  grpc::ServerWriteReactor<M>* Open(grpc::CallbackServerContext& context, const Request& request,
                                    const std::string& head_id, absl::StatusOr<int64_t> after) {
    const rpc::Call call(context, *Request::descriptor());
    absl::StatusOr<std::shared_ptr<Stream>> stream = Make(context, request, call, std::move(after));
    if (!stream.ok()) return new Refused(call.Close(stream.status()));
    // The bell first: what is written between the first piece and the bell would go unheard.
    Stream* const reactor = stream->get();
    reactor->Listen(head_id);
    reactor->Continue();
    return reactor;
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

 private:
  class Refused final : public grpc::ServerWriteReactor<M> {
   public:
    explicit Refused(const grpc::Status& status) { this->Finish(status); }
    void OnDone() override { delete this; }
  };

  // Reads a piece, writes it message by message, reads the next; where there is none it rests until
  // the bell rings. Never reads and writes at a time, so what waits in it is one piece.
  class Stream final : public grpc::ServerWriteReactor<M>, public std::enable_shared_from_this<Stream> {
   public:
    Stream(RecordStreams& owner, const rpc::Call& call, const Request& request, base::v1::Actor actor,
           int64_t after, Places::Place place)
        : owner_(owner),
          call_(call),
          request_(request),
          actor_(std::move(actor)),
          place_(std::move(place)),
          after_(after) {}

    void Listen(const std::string& head_id) {
      std::weak_ptr<Stream> weak = this->weak_from_this();
      listener_ = owner_.bell_.Add(head_id, [weak] {
        if (const std::shared_ptr<Stream> stream = weak.lock()) stream->Continue();
      });
    }

    // Reads the next piece, or remembers to.
    void Continue() {
      {
        absl::MutexLock lock(&mutex_);
        if (finished_) return;
        if (busy_) {
          again_ = true;
          return;
        }
        busy_ = true;
        again_ = false;
      }
      owner_.store_.Read([self = this->shared_from_this()](absl::StatusOr<store::Reader*> reader) {
        self->Take(reader.ok() ? self->owner_.read_(self->request_, self->actor_, **reader, self->after_)
                               : absl::StatusOr<Piece<M>>(reader.status()));
      });
    }

    // At once if it rests; otherwise when the read or the write under way is over, so that neither
    // outlives what it uses.
    void End(absl::Status status) {
      absl::MutexLock lock(&mutex_);
      if (end_.ok()) end_ = std::move(status);
      if (!busy_) FinishLocked();
    }

    void OnCancel() override { End(absl::CancelledError("the caller has gone")); }

    void OnWriteDone(bool ok) override {
      bool next = false;
      {
        absl::MutexLock lock(&mutex_);
        pieces_.pop_front();
        if (!ok && end_.ok()) end_ = absl::CancelledError("the caller has gone");
        if (!end_.ok()) return FinishLocked();
        if (!pieces_.empty()) return WriteLocked();
        next = RestLocked();
      }
      if (next) Continue();
    }

    void OnDone() override {
      owner_.bell_.Remove(listener_);
      owner_.Forget(this->shared_from_this());
    }

   private:
    void Take(absl::StatusOr<Piece<M>> piece) {
      bool next = false;
      {
        absl::MutexLock lock(&mutex_);
        if (!piece.ok() && end_.ok()) end_ = piece.status();
        if (!end_.ok()) return FinishLocked();
        after_ = piece->last;
        again_ = again_ || piece->more;
        for (M& message : piece->messages) pieces_.push_back(std::move(message));
        if (!pieces_.empty()) return WriteLocked();
        next = RestLocked();
      }
      if (next) Continue();
    }

    // The first piece belongs to gRPC until OnWriteDone.
    void WriteLocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { this->StartWrite(&pieces_.front()); }

    // Nothing to do; true if there is again.
    bool RestLocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
      busy_ = false;
      return again_;
    }

    void FinishLocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
      if (finished_) return;
      finished_ = true;
      this->Finish(call_.Close(end_));
    }

    RecordStreams& owner_;
    const rpc::Call call_;
    const Request request_;
    const base::v1::Actor actor_;
    const Places::Place place_;
    uint64_t listener_ = 0;
    int64_t after_;  // changed between reads only

    absl::Mutex mutex_;
    std::deque<M> pieces_ ABSL_GUARDED_BY(mutex_);
    bool busy_ ABSL_GUARDED_BY(mutex_) = false;   // reading or writing
    bool again_ ABSL_GUARDED_BY(mutex_) = false;  // there is, or may be, more to read
    bool finished_ ABSL_GUARDED_BY(mutex_) = false;
    absl::Status end_ ABSL_GUARDED_BY(mutex_);
  };

  absl::StatusOr<std::shared_ptr<Stream>> Make(grpc::CallbackServerContext& context, const Request& request,
                                               const rpc::Call& call, absl::StatusOr<int64_t> after) {
    ASSIGN_OR_RETURN(base::v1::Actor actor, rpc::Admit(context, *Request::descriptor()));
    RETURN_IF_ERROR(rpc::CheckFields(request));
    RETURN_IF_ERROR(after.status());
    RETURN_IF_ERROR(rpc::CheckAwaited(context));
    ASSIGN_OR_RETURN(Places::Place place, shares_->streams.Take(rules::CallerOf(actor)));
    absl::MutexLock lock(&mutex_);
    if (ending_) return absl::UnavailableError("the server is draining");
    auto stream = std::make_shared<Stream>(*this, call, request, std::move(actor), *after, std::move(place));
    streams_.insert(stream);
    return stream;
  }

  void Forget(const std::shared_ptr<Stream>& stream) {
    absl::MutexLock lock(&mutex_);
    streams_.erase(stream);
  }

  bool NoStreams() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return streams_.empty(); }

  store::Store& store_;
  const ReadPiece read_;
  const std::shared_ptr<rpc::Shares> shares_;
  absl::Mutex mutex_;
  bool ending_ ABSL_GUARDED_BY(mutex_) = false;
  absl::flat_hash_set<std::shared_ptr<Stream>> streams_ ABSL_GUARDED_BY(mutex_);
  RecordBell bell_;  // last: its thread uses the above
};

}  // namespace makegood::flow
