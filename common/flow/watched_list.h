// Server streams over a list whose records change: first what the list holds, a page at a time, then each
// record as it is whenever it was written, until the caller ends the call or the server drains. Nothing that
// is written after the stream began is missed; a record may come more than once in the same state. A stream
// holds no thread.
//
//   flow::WatchedList<StreamWorkRequest, Work> streams_(environment, "work", ReadPage, ReadOne);
//   ...
//   return streams_.Open(*context, *request);
#pragma once

#include <grpcpp/grpcpp.h>

#include <functional>
#include <memory>
#include <optional>
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

// The ids of the records of one kind that were written since they were taken last. Thread-safe.
class WrittenIds {
 public:
  // So many that wait at most: beyond them the reader is too slow.
  static constexpr size_t kMost = 10'000;

  void Add(const std::string& id);
  // Up to `limit` of them; RESOURCE_EXHAUSTED once too many waited.
  absl::StatusOr<std::vector<std::string>> Take(size_t limit);
  bool empty() const;

 private:
  mutable absl::Mutex mutex_;
  absl::flat_hash_set<std::string> ids_ ABSL_GUARDED_BY(mutex_);
  bool too_many_ ABSL_GUARDED_BY(mutex_) = false;
};

// Who is to hear of records of one kind. Thread-safe. Shared by the store's commit listener and the streams:
// lives as long as either.
class WrittenListeners {
 public:
  WrittenListeners(std::string kind, WakeAll wake) : kind_(std::move(kind)), wake_(std::move(wake)) {}

  // The commit listener.
  void Note(const store::Committed& committed);
  // Nobody is woken any more.
  void Close();

  void Add(const std::shared_ptr<Waiter>& waiter, std::shared_ptr<WrittenIds> ids);
  void Forget(const std::shared_ptr<Waiter>& waiter);

 private:
  const std::string kind_;
  absl::Mutex mutex_;
  WakeAll wake_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<std::shared_ptr<Waiter>, std::shared_ptr<WrittenIds>> listeners_
      ABSL_GUARDED_BY(mutex_);
};

// A page of the list as it stands, and how to go on.
template <typename M>
struct WatchedPage {
  std::vector<M> messages;
  std::string next;  // empty: that was all
};

// Thread-safe. Make it before the store's first Submit; it outlives the server. Destruction ends the streams
// and waits for them.
template <typename Request, typename M>
class WatchedList {
 public:
  // A page of the list, the first for an empty `token`, or why the caller may not read it. On the store's
  // readers.
  using ReadPage = std::function<absl::StatusOr<WatchedPage<M>>(
      const Request& request, const base::v1::Actor&, store::Reader&, const std::string& token)>;
  // A record that was written, or nothing where it is not, or was never, for this caller. The same.
  using ReadOne = std::function<absl::StatusOr<std::optional<M>>(
      const Request& request, const base::v1::Actor&, store::Reader&, const std::string& id)>;

  WatchedList(const rpc::Environment& environment, std::string kind, ReadPage read_page, ReadOne read_one)
      : store_(environment.store),
        read_page_(std::move(read_page)),
        read_one_(std::move(read_one)),
        listeners_(std::make_shared<WrittenListeners>(
            std::move(kind), [this](auto waiters) { streams_.Wake(std::move(waiters)); })),
        streams_(environment.shares) {
    store_.AddCommitListener(
        [listeners = listeners_](const store::Committed& committed) { listeners->Note(committed); });
  }

  ~WatchedList() { listeners_->Close(); }

  // RESOURCE_EXHAUSTED where the caller, or all callers, have as many streams open as they may.
  grpc::ServerWriteReactor<M>* Open(const grpc::CallbackServerContext& context, const Request& request) {
    return streams_.Open(context, request, [&](const base::v1::Actor& actor) -> absl::StatusOr<Source> {
      return Source(*this, request, actor);
    });
  }

  // Ends all streams with UNAVAILABLE and opens no more: for the server's drain.
  void EndStreams() { streams_.EndStreams(); }

 private:
  // A source of LiveStream.
  class Source {
   public:
    using Item = M;
    using Message = M;

    Source(WatchedList& owner, const Request& request, const base::v1::Actor& actor)
        : owner_(&owner), request_(request), actor_(actor), written_(std::make_shared<WrittenIds>()) {}

    void Look(const std::shared_ptr<LiveStream<Source>>& stream) {
      // Listens first: what is written while the list is read would go unheard.
      if (!std::exchange(listens_, true)) owner_->listeners_->Add(stream, written_);
      owner_->store_.Read([this, stream](absl::StatusOr<store::Reader*> reader) {
        stream->Take(reader.ok() ? Contained([&] { return Next(**reader); }) : reader.status());
      });
    }

    absl::StatusOr<const M*> MessageOf(const M& message) { return &message; }

    void Forget(const std::shared_ptr<Waiter>& stream) { owner_->listeners_->Forget(stream); }

   private:
    static constexpr size_t kPiece = 100;

    absl::StatusOr<Found<M>> Next(store::Reader& reader) { return listed_ ? Changes(reader) : List(reader); }

    absl::StatusOr<Found<M>> List(store::Reader& reader) {
      ASSIGN_OR_RETURN(WatchedPage<M> page, owner_->read_page_(request_, actor_, reader, next_));
      next_ = std::move(page.next);
      listed_ = next_.empty();
      return Found<M>{std::move(page.messages), !listed_ || !written_->empty()};
    }

    absl::StatusOr<Found<M>> Changes(store::Reader& reader) {
      ASSIGN_OR_RETURN(const std::vector<std::string> ids, written_->Take(kPiece));
      Found<M> found;
      for (const std::string& id : ids) {
        ASSIGN_OR_RETURN(std::optional<M> one, owner_->read_one_(request_, actor_, reader, id));
        if (one.has_value()) found.items.push_back(*std::move(one));
      }
      found.more = !written_->empty();
      return found;
    }

    WatchedList* owner_;
    Request request_;
    base::v1::Actor actor_;
    std::shared_ptr<WrittenIds> written_;
    std::string next_;
    bool listens_ = false;
    bool listed_ = false;
  };

  store::Store& store_;
  const ReadPage read_page_;
  const ReadOne read_one_;
  const std::shared_ptr<WrittenListeners> listeners_;
  LiveStreams<Source> streams_;  // last: its thread uses all of the above
};

}  // namespace makegood::flow
