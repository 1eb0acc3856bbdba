// events watch: the events of all services, or some, resumable without loss.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "common/base/status.h"
#include "google/protobuf/util/json_util.h"
#include "tools/makegoodctl/client/files.h"
#include "tools/makegoodctl/command_line/follow.h"
#include "tools/makegoodctl/command_line/show.h"
#include "tools/makegoodctl/command_line/stream_commands.h"
#include "tools/makegoodctl/command_line/view.h"
#include "tools/makegoodctl/terminal/nearest.h"

namespace makegood::ctl {
namespace {

using events::v1::SubscribeRequest;
using events::v1::SubscribeResponse;

constexpr absl::Duration kBetweenSaves = absl::Milliseconds(200);
constexpr size_t kMostNear = 5;
// A time, a source and what most events are called by.
const std::vector<size_t> kWidths = {23, 13, 18};

struct WatchOptions {
  std::vector<std::string> sources;
  std::vector<std::string> kinds;
  std::string order_id;
  std::string merchant_id;
  std::string resume;
  bool once = false;
  bool only_new = false;
};

// Where each source's events go on: an epoch, and a number by part.
struct Place {
  std::string epoch;
  std::map<uint32_t, uint64_t> after;
};

// The places, kept in a file of one JSON SubscribeRequest a line.
class Places {
 public:
  // Reads the file if there is one. INVALID_ARGUMENT if it holds something else.
  static absl::StatusOr<Places> Load(const std::string& path) {
    Places places;
    places.path_ = path;
    if (path.empty()) return places;
    const auto read = ReadFile(path);
    if (!read.ok() && !absl::IsNotFound(read.status())) return read.status();
    for (const absl::string_view text : absl::StrSplit(read.value_or(""), '\n', absl::SkipEmpty())) {
      const std::string line(text);
      SubscribeRequest request;
      if (!google::protobuf::util::JsonStringToMessage(line, &request).ok()) {
        return InvalidFields({{"--resume", absl::StrCat(path, " was not written by events watch")}});
      }
      Place& place = places.by_source_[request.source()];
      place.epoch = request.epoch();
      for (const auto& position : request.after()) place.after[position.part()] = position.sequence();
    }
    return places;
  }

  SubscribeRequest RequestFor(const std::string& source) const {
    SubscribeRequest request;
    request.set_source(source);
    const auto found = by_source_.find(source);
    if (found == by_source_.end()) return request;
    request.set_epoch(found->second.epoch);
    for (const auto& [part, sequence] : found->second.after) {
      auto& position = *request.add_after();
      position.set_part(part);
      position.set_sequence(sequence);
    }
    return request;
  }

  bool Has(const std::string& source) const { return by_source_.count(source) > 0; }

  void MoveTo(const std::string& source, const SubscribeResponse& response) {
    Place& place = by_source_[source];
    place.epoch = response.epoch();
    if (response.has_position()) place.after[response.position().part()] = response.position().sequence();
  }

  // Replaces the file as a whole, so that a crash leaves the old one or the new one.
  absl::Status Save() const {
    if (path_.empty()) return absl::OkStatus();
    std::string lines;
    for (const auto& [source, place] : by_source_) absl::StrAppend(&lines, ToJson(RequestFor(source)), "\n");
    return WriteFile(path_, lines);
  }

 private:
  std::string path_;
  std::map<std::string, Place> by_source_;
};

// Follows some sources at once, each on a thread of its own.
class EventsWatch {
 public:
  EventsWatch(Session& session, const base::v1::Actor& actor, const WatchOptions& options, Places places)
      : session_(session),
        actor_(actor),
        options_(options),
        progress_(ProgressOf(session, options), "events so far"),
        table_(session.terminal(), kWidths),
        places_(std::move(places)) {}

  absl::Status Run() {
    session_.client();
    const std::vector<std::string> sources = options_.sources.empty() ? EventSources() : options_.sources;
    std::vector<absl::Status> ends(sources.size());
    std::vector<std::thread> threads;
    for (size_t i = 0; i < sources.size(); ++i) {
      threads.emplace_back([this, &ends, &sources, i] {
        ends[i] = FollowSource(sources[i]);
        // One that fails ends the others; one the server does not have is no failure if nobody named it.
        if (!ends[i].ok() && !IsAbsent(ends[i])) stop_.Stop();
      });
    }
    for (std::thread& thread : threads) thread.join();
    absl::MutexLock lock(&mutex_);
    progress_.Clear();
    RETURN_IF_ERROR(KeepUp());
    return TheWorst(ends);
  }

 private:
  // Where rows appear on the terminal they tell that something is going on.
  static Terminal ProgressOf(const Session& session, const WatchOptions& options) {
    Terminal terminal = session.terminal();
    if (terminal.person_reads && !options.only_new) terminal.person_watches = false;
    return terminal;
  }

  // Hands on what was printed, and only then keeps the places behind it. What cannot be written to standard
  // output is told when the command ends.
  absl::Status KeepUp() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (!FlushOutput().ok()) {
      stop_.Stop();
      return absl::OkStatus();
    }
    const absl::Status saved = places_.Save();
    if (!saved.ok()) stop_.Stop();
    return saved;
  }

  bool IsAbsent(const absl::Status& status) const {
    return options_.sources.empty() && absl::IsNotFound(status);
  }

  absl::Status TheWorst(const std::vector<absl::Status>& ends) const {
    for (const absl::Status& end : ends) {
      if (!end.ok() && !IsAbsent(end)) return end;
    }
    const bool all_absent = std::all_of(ends.begin(), ends.end(), absl::IsNotFound);
    return all_absent ? ends.front() : absl::OkStatus();
  }

  // A place does not depend on what was filtered: what the file keeps has none of it.
  SubscribeRequest Filtered(SubscribeRequest request) const {
    for (const std::string& kind : options_.kinds) request.add_kinds(kind);
    request.set_order_id(options_.order_id);
    request.set_merchant_id(options_.merchant_id);
    return request;
  }

  absl::Status FollowSource(const std::string& source) {
    bool showing = !options_.only_new;
    {
      absl::MutexLock lock(&mutex_);
      showing = showing || places_.Has(source);
    }
    return Follow(
        session_, actor_, stop_,
        [&](grpc::ClientContext& context) {
          absl::MutexLock lock(&mutex_);
          return session_.client().events->Subscribe(&context, Filtered(places_.RequestFor(source)));
        },
        [&](const SubscribeResponse& response) {
          const bool all_seen = !response.has_position();
          Take(source, response, showing && response.has_event());
          showing = showing || all_seen;
          return !(all_seen && options_.once);
        });
  }

  void Take(const std::string& source, const SubscribeResponse& response, bool show) {
    absl::MutexLock lock(&mutex_);
    if (show) Print(source, response);
    if (response.has_position()) {
      pending_[source] = response.pending_events();
      uint64_t left = 0;
      for (const auto& [name, count] : pending_) left += count;
      if (response.has_event()) ++seen_;
      progress_.Show(seen_, seen_ + static_cast<int64_t>(left));
    } else {
      progress_.Clear();
    }
    // What is printed and not yet saved would be shown again after a crash; nothing is ever left out.
    places_.MoveTo(source, response);
    if (response.pending_events() > 0 && absl::Now() - saved_ < kBetweenSaves) return;
    (void)KeepUp();  // asked again at the end
    saved_ = absl::Now();
  }

  void Print(const std::string& source, const SubscribeResponse& response)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    const auto& position = response.position();
    switch (session_.output()) {
      case Output::kJson:
        std::printf("{\"source\":\"%s\",%s\n", source.c_str(), ToJson(response).c_str() + 1);
        return;
      case Output::kText:
        std::printf("%s\t%u\t%llu\t%s\n", source.c_str(), position.part(),
                    static_cast<unsigned long long>(position.sequence()),
                    ToTextLine(response, session_.style()).c_str());
        return;
      case Output::kTable: {
        std::vector<Table::Cell> cells =
            RowOf(response, ColumnsOf(*SubscribeResponse::descriptor()), session_.style());
        cells.insert(std::next(cells.begin()), {source});
        table_.Print(cells);
      }
    }
  }

  StopSignal stop_;  // before the client
  Session& session_;
  const base::v1::Actor& actor_;
  const WatchOptions& options_;
  absl::Mutex mutex_;
  Progress progress_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, uint64_t> pending_ ABSL_GUARDED_BY(mutex_);  // by source
  int64_t seen_ ABSL_GUARDED_BY(mutex_) = 0;
  RunningTable table_ ABSL_GUARDED_BY(mutex_);
  Places places_ ABSL_GUARDED_BY(mutex_);
  absl::Time saved_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
};

absl::Status CheckKinds(const std::vector<std::string>& kinds) {
  const auto& payload = *events::v1::Event::descriptor()->FindOneofByName("payload");
  std::vector<std::string> known;
  for (int i = 0; i < payload.field_count(); ++i) known.push_back(payload.field(i)->name());
  std::vector<FieldViolation> wrong;
  for (const std::string& kind : kinds) {
    if (std::find(known.begin(), known.end(), kind) != known.end()) continue;
    const std::vector<std::string> near = NearestFew(kind, known, kMostNear);
    wrong.push_back({"--kind", absl::StrCat("\"", kind, "\" is no kind of event",
                                            near.empty() ? "" : "; there are ", absl::StrJoin(near, ", "))});
  }
  return wrong.empty() ? absl::OkStatus() : InvalidFields(wrong);
}

int Watch(Session& session, const WatchOptions& options) {
  const auto actor = session.actor();
  if (!actor.ok()) return session.Fail(actor.status());
  for (const std::string& source : options.sources) {
    const auto known = EventSources();
    if (std::find(known.begin(), known.end(), source) != known.end()) continue;
    return session.Fail(InvalidFields(
        {{"source", absl::StrCat("\"", source, "\" is not one of ", absl::StrJoin(known, ", "))}}));
  }
  if (const absl::Status known = CheckKinds(options.kinds); !known.ok()) return session.Fail(known);
  auto places = Places::Load(options.resume);
  if (!places.ok()) return session.Fail(places.status());
  // Better now than when events have been shown.
  if (const absl::Status saved = places->Save(); !saved.ok()) return session.Fail(saved);
  const absl::Status watched = EventsWatch(session, *actor, options, *std::move(places)).Run();
  if (!absl::IsAborted(watched)) return watched.ok() ? kDone : session.Fail(watched);
  return session.Fail(absl::AbortedError(absl::StrCat(
      watched.message(), "; the positions in ", options.resume,
      " are from before. Take the source's line out of it to see everything from the beginning")));
}

}  // namespace

Action MakeEventsWatch(const Command&, CLI::App& app) {
  auto options = std::make_shared<WatchOptions>();
  app.add_option("source", options->sources, "Whose events; all of them where none is named")
      ->type_name(absl::StrCat("{", absl::StrJoin(EventSources(), ","), "}"));
  app.add_option("--kind", options->kinds,
                 "Only events of this kind, e.g. claim_approved; may be repeated, or several with commas")
      ->type_name("KIND")
      ->delimiter(',');
  app.add_option("--order-id", options->order_id, "Only events about this order")->type_name("TEXT");
  app.add_option("--merchant-id", options->merchant_id, "Only events about this merchant's orders")
      ->type_name("TEXT");
  app.add_option("--resume", options->resume,
                 "Keeps in this file what was shown, and goes on after it: after Ctrl-C nothing is lost or "
                 "shown twice, after a crash nothing is lost")
      ->type_name("FILE");
  app.add_flag("--once", options->once, "End when everything so far was shown");
  app.add_flag("--new", options->only_new,
               "Show only what happens once everything that is there already was read, which is not shown");
  return [options](Session& session) { return Watch(session, *options); };
}

}  // namespace makegood::ctl
