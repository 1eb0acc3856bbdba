#include "common/flow/date_settler.h"

#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/blocking_counter.h"
#include "absl/time/time.h"
#include "common/base/log.h"
#include "common/base/status.h"
#include "common/base/thread_name.h"
#include "common/rules/policy/working_dates.h"

namespace makegood::flow {
namespace {

using base::v1::ProvisionalCase;

constexpr int kCasesAtATime = 250;  // a commit's worth
constexpr absl::Duration kPause = absl::Seconds(1);

// The cases that were reckoned when the calendar knew less.
store::ListQuery ReckonedBefore(const std::string& calendar, const std::string& known_until) {
  store::ListQuery query;
  query.kind = std::string(rules::RecordTraits<ProvisionalCase>::kKind);
  query.groups = {calendar};
  query.due_before = rules::PlaceOfDay(known_until);
  query.order = store::ListOrder::kMostUrgentFirst;
  query.limit = kCasesAtATime;
  return query;
}

}  // namespace

DateSettler::DateSettler(store::Store& store, const rules::PolicyBook& policies, base::v1::Actor actor,
                         SettleCase settle)
    : store_(store),
      policies_(policies),
      actor_(std::move(actor)),
      settle_(std::move(settle)),
      thread_([this] { Run(); }) {}

DateSettler::~DateSettler() {
  ending_.Notify();
  thread_.join();
}

void DateSettler::Run() {
  NameThisThread("date-settler");
  for (const std::string& calendar : policies_.Calendars()) {
    while (true) {
      const absl::Status settled = Contained([&] { return SettleCalendar(calendar); });
      if (settled.ok()) break;
      Log(LogLevel::kWarning, "provisional dates are not settled yet",
          {{"calendar", calendar}, {"error", std::string(settled.message())}});
      if (FailureOf(settled) != Failure::kOfTheWay) break;
      if (!Wait()) return;
    }
  }
}

absl::Status DateSettler::SettleCalendar(const std::string& calendar) {
  const std::string known_until = policies_.KnownUntil(calendar);
  size_t cases = 0;
  RETURN_IF_ERROR(store::ForEachPage(store_, ReckonedBefore(calendar, known_until),
                                     [&](const store::RecordPage& page) -> absl::Status {
                                       RETURN_IF_ERROR(SettlePage(page));
                                       cases += page.records.size();
                                       return absl::OkStatus();
                                     }));
  if (cases == 0) return absl::OkStatus();
  Log(LogLevel::kInfo, "the provisional dates of an extended calendar are settled",
      {{"calendar", calendar}, {"known_until", known_until}, {"cases", absl::StrCat(cases)}});
  return absl::OkStatus();
}

absl::Status DateSettler::SettlePage(const store::RecordPage& page) {
  while (true) {
    const absl::Status settled = SettleAll(page);
    if (settled.ok() || !Wait()) return settled;
  }
}

absl::Status DateSettler::SettleAll(const store::RecordPage& page) {
  std::vector<absl::Status> answers(page.records.size());
  absl::BlockingCounter open(static_cast<int>(page.records.size()));
  for (size_t i = 0; i < page.records.size(); ++i) {
    const std::string& case_id = page.records[i].key.id;
    store::Work work;
    work.routing_key = case_id;
    work.context.actor = actor_;
    work.context.policies = &policies_;
    work.context.request_id = work.context.seed =
        absl::StrCat("settle-dates:", case_id, ":", page.records[i].version);
    work.decide = [this, &case_id](rules::Transaction& tx) -> absl::StatusOr<std::string> {
      RETURN_IF_ERROR(settle_(case_id, tx));
      return std::string();
    };
    store_.Submit(std::move(work), [&, i](const absl::StatusOr<std::string>& reply) {
      answers[i] = reply.status();
      open.DecrementCount();
    });
  }
  open.Wait();
  for (size_t i = 0; i < answers.size(); ++i) {
    if (answers[i].ok()) continue;
    if (FailureOf(answers[i]) == Failure::kOfTheWay) return answers[i];
    Log(LogLevel::kWarning, "the dates of a case cannot be settled",
        {{"case", page.records[i].key.id}, {"error", std::string(answers[i].message())}});
  }
  return absl::OkStatus();
}

bool DateSettler::Wait() { return !ending_.WaitForNotificationWithTimeout(kPause); }

}  // namespace makegood::flow
