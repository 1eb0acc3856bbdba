#include "common/rules/policy/policy_book.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <system_error>

#include "absl/base/macros.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/civil_time.h"
#include "common/rules/policy/embedded_files.h"
#include "google/protobuf/io/tokenizer.h"
#include "google/protobuf/text_format.h"
#include "google/protobuf/util/message_differencer.h"

namespace makegood::rules {
namespace {

constexpr size_t kMaxPolicyBytes = 256 << 10;
constexpr size_t kMaxFileBytes = 1 << 20;
constexpr int kMaxNesting = 20;
constexpr size_t kMaxErrors = 20;
constexpr int64_t kLastVersion = std::numeric_limits<int64_t>::max();

// Turns what the text parser says into violations at a line.
class LineErrors final : public google::protobuf::io::ErrorCollector {
 public:
  void AddError(int line, google::protobuf::io::ColumnNumber column, const std::string& message) override {
    if (violations_.size() >= kMaxErrors) return;
    violations_.push_back({absl::StrCat("line ", line + 1, ", column ", column + 1),
                           absl::StrJoin(absl::StrSplit(message, '\n'), " ")});
  }

  const std::vector<FieldViolation>& violations() const { return violations_; }

 private:
  std::vector<FieldViolation> violations_;
};

// The same status, fields and all, with the file it is about in front.
absl::Status InFile(absl::string_view file, const absl::Status& status) {
  if (status.ok()) return status;
  absl::Status named(status.code(), absl::StrCat(file, ": ", status.message()));
  status.ForEachPayload(
      [&named](absl::string_view type, const absl::Cord& payload) { named.SetPayload(type, payload); });
  return named;
}

absl::Status AddFile(PolicyBook& book, absl::string_view name, absl::string_view content) {
  if (absl::ConsumeSuffix(&name, ".ics")) return book.AddCalendar(name, content);
  ASSIGN_OR_RETURN(const Policy policy, ParsePolicy(content));
  return book.AddPolicy(policy);
}

absl::StatusOr<std::string> ReadFile(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::string content(kMaxFileBytes + 1, '\0');
  file.read(content.data(), static_cast<std::streamsize>(content.size()));
  content.resize(static_cast<size_t>(std::max<std::streamsize>(file.gcount(), 0)));
  if (!file.eof() || file.bad()) return absl::InvalidArgumentError("cannot be read, or is larger than 1 MiB");
  return content;
}

}  // namespace

absl::StatusOr<Policy> ParsePolicy(absl::string_view text) {
  if (text.size() > kMaxPolicyBytes) return absl::InvalidArgumentError("the policy is larger than 256 KiB");
  LineErrors errors;
  google::protobuf::TextFormat::Parser parser;
  parser.RecordErrorsTo(&errors);
  parser.SetRecursionLimit(kMaxNesting);
  Policy policy;
  if (!parser.ParseFromString(std::string(text), &policy)) {
    if (errors.violations().empty()) return absl::InvalidArgumentError("no policy in protobuf text format");
    return InvalidFields(errors.violations());
  }
  if (const std::vector<FieldViolation> violations = CheckPolicy(policy); !violations.empty()) {
    return InvalidFields(violations);
  }
  return policy;
}

absl::StatusOr<PolicyBook> PolicyBook::Shipped() {
  PolicyBook book;
  for (const EmbeddedFile& file : EmbeddedFiles()) {
    RETURN_IF_ERROR(InFile(file.name, AddFile(book, file.name, file.content)));
  }
  return book;
}

absl::Status PolicyBook::AddCalendar(absl::string_view name, absl::string_view ics) {
  if (name.empty()) return absl::InvalidArgumentError("a calendar needs a name");
  ASSIGN_OR_RETURN(Calendar read, Calendar::FromIcs(ics));
  auto calendar = std::make_shared<const Calendar>(std::move(read));
  calendars_[std::string(name)] = calendar;
  for (auto& [key, days] : days_) {
    if (policies_.at(key).calendar() == name) days = WorkingDays(calendar, days.zone());
  }
  return absl::OkStatus();
}

absl::Status PolicyBook::AddPolicy(const Policy& policy) {
  const auto calendar = calendars_.find(policy.calendar());
  absl::TimeZone zone;
  std::vector<FieldViolation> violations;
  if (calendar == calendars_.end()) violations.push_back({"calendar", "is no calendar of this server"});
  if (!absl::LoadTimeZone(policy.time_zone(), &zone)) {
    violations.push_back({"time_zone", "is no known IANA time zone"});
  }
  if (!violations.empty()) return InvalidFields(violations);

  const std::pair key(policy.marketplace(), policy.version());
  if (const auto known = policies_.find(key); known != policies_.end()) {
    if (google::protobuf::util::MessageDifferencer::Equals(known->second, policy)) return absl::OkStatus();
    return absl::AlreadyExistsError(absl::StrCat("policy ", policy.marketplace(), " version ",
                                                 policy.version(), " is there with other content (POL-02)"));
  }
  policies_.emplace(key, policy);
  days_.emplace(key, WorkingDays(calendar->second, zone));
  return absl::OkStatus();
}

absl::Status PolicyBook::AddFolder(const std::string& path) {
  std::vector<std::filesystem::path> calendars;
  std::vector<std::filesystem::path> policies;
  std::error_code error;
  std::filesystem::directory_iterator entry(path, error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    if (entry->path().extension() == ".ics") calendars.push_back(entry->path());
    if (entry->path().extension() == ".textproto") policies.push_back(entry->path());
  }
  if (error) {
    return absl::InvalidArgumentError(
        absl::StrCat("the folder ", path, " cannot be read: ", error.message()));
  }
  std::sort(calendars.begin(), calendars.end());
  std::sort(policies.begin(), policies.end());
  calendars.insert(calendars.end(), policies.begin(), policies.end());
  for (const std::filesystem::path& file : calendars) {
    const absl::StatusOr<std::string> content = ReadFile(file);
    if (!content.ok()) return InFile(file.string(), content.status());
    RETURN_IF_ERROR(InFile(file.string(), AddFile(*this, file.filename().string(), *content)));
  }
  return absl::OkStatus();
}

absl::StatusOr<const Policy*> PolicyBook::Current(absl::string_view marketplace) const {
  const auto after = policies_.upper_bound(std::pair(std::string(marketplace), kLastVersion));
  if (after != policies_.begin() && std::prev(after)->first.first == marketplace) {
    return &std::prev(after)->second;
  }
  return absl::NotFoundError(
      absl::StrCat("no such marketplace; there are ",
                   absl::StrJoin(AllCurrent(), ", ", [](std::string* out, const Policy* policy) {
                     absl::StrAppend(out, policy->marketplace());
                   })));
}

absl::StatusOr<const Policy*> PolicyBook::At(const PolicyRef& ref) const {
  const auto found = policies_.find(std::pair(ref.marketplace(), ref.version()));
  if (found == policies_.end()) {
    return NotFound("policy", absl::StrCat(ref.marketplace(), " version ", ref.version()));
  }
  return &found->second;
}

std::vector<const Policy*> PolicyBook::AllCurrent() const {
  std::vector<const Policy*> current;
  for (const auto& [key, policy] : policies_) {
    // Sorted by marketplace, then version: the last of each is the current one.
    if (!current.empty() && current.back()->marketplace() == key.first) current.pop_back();
    current.push_back(&policy);
  }
  return current;
}

const WorkingDays& PolicyBook::DaysOf(const Policy& policy) const {
  const auto days = days_.find(std::pair(policy.marketplace(), policy.version()));
  ABSL_ASSERT(days != days_.end());
  return days->second;
}

std::string PolicyBook::KnownUntil(absl::string_view calendar) const {
  const auto found = calendars_.find(calendar);
  return found == calendars_.end() ? "" : absl::FormatCivilTime(found->second->known_until());
}

std::vector<std::string> PolicyBook::Calendars() const {
  std::vector<std::string> names;
  for (const auto& [name, calendar] : calendars_) names.push_back(name);
  return names;
}

PolicyRef RefTo(const Policy& policy) {
  PolicyRef ref;
  ref.set_marketplace(policy.marketplace());
  ref.set_version(policy.version());
  return ref;
}

}  // namespace makegood::rules
