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
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "common/base/status.h"
#include "common/flow/live_stream.h"
#include "common/rpc/rpc.h"
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

// Who waits for records of one kind. Thread-safe. Shared by the store's commit listener and the streams:
// lives as long as either.
class RecordWaiters {
 public:
  RecordWaiters(std::string kind, WakeAll wake) : kind_(std::move(kind)), wake_(std::move(wake)) {}

  // The commit listener.
  void Note(const store::Committed& committed);

  // Nobody is woken any more.
  void Close();

  // Until the record `id` is written the next time. Once is enough.
  void Wait(const std::string& id, const std::shared_ptr<Waiter>& waiter);
  void Forget(const std::string& id, const std::shared_ptr<Waiter>& waiter);

 private:
  const std::string kind_;
  absl::Mutex mutex_;
  WakeAll wake_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<std::string, absl::flat_hash_set<std::shared_ptr<Waiter>>> waiters_
      ABSL_GUARDED_BY(mutex_);  // by record
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
        waiters_(std::make_shared<RecordWaiters>(
            std::move(head_kind), [this](auto waiters) { streams_.Wake(std::move(waiters)); })),
        streams_(environment.shares) {
    store_.AddCommitListener(
        [waiters = waiters_](const store::Committed& committed) { waiters->Note(committed); });
  }

  ~RecordStreams() { waiters_->Close(); }

  // `head_id`: the list's head record. `after`: where the caller left off, or why its token is refused.
  // RESOURCE_EXHAUSTED where the caller, or all callers, have as many streams open as they may.
  grpc::ServerWriteReactor<M>* Open(const grpc::CallbackServerContext& context, const Request& request,
                                    const std::string& head_id, const absl::StatusOr<int64_t>& after) {
    return streams_.Open(context, request, [&](const base::v1::Actor& actor) -> absl::StatusOr<Pieces> {
      RETURN_IF_ERROR(after.status());
      return Pieces(*this, request, actor, head_id, *after);
    });
  }

  // Ends all streams with UNAVAILABLE and opens no more: for the server's drain.
  void EndStreams() { streams_.EndStreams(); }

 private:
  // A source of LiveStream.
  class Pieces {
   public:
    using Item = M;
    using Message = M;

    Pieces(RecordStreams& owner, const Request& request, const base::v1::Actor& actor,
           const std::string& head_id, int64_t after)
        : owner_(&owner), request_(request), actor_(actor), head_id_(head_id), after_(after) {}

    void Look(const std::shared_ptr<LiveStream<Pieces>>& stream) {
      // Waits first: what is written between the read and the waiting would go unheard.
      owner_->waiters_->Wait(head_id_, stream);
      owner_->store_.Read([this, stream](absl::StatusOr<store::Reader*> reader) {
        stream->Take(reader.ok() ? Contained([&] { return Next(**reader); }) : reader.status());
      });
    }

    absl::StatusOr<const M*> MessageOf(const M& message) { return &message; }

    void Forget(const std::shared_ptr<Waiter>& stream) { owner_->waiters_->Forget(head_id_, stream); }

   private:
    absl::StatusOr<Found<M>> Next(store::Reader& reader) {
      ASSIGN_OR_RETURN(Piece<M> piece, owner_->read_(request_, actor_, reader, after_));
      after_ = piece.last;
      return Found<M>{std::move(piece.messages), piece.more};
    }

    RecordStreams* owner_;
    Request request_;
    base::v1::Actor actor_;
    std::string head_id_;
    int64_t after_;
  };

  store::Store& store_;
  const ReadPiece read_;
  const std::shared_ptr<RecordWaiters> waiters_;
  LiveStreams<Pieces> streams_;  // last: its thread uses all of the above
};

}  // namespace makegood::flow
