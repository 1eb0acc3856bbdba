#include "tools/makegoodctl/import/import_progress.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "common/base/status.h"
#include "google/protobuf/io/tokenizer.h"
#include "google/protobuf/text_format.h"

namespace makegood::ctl {
namespace {

using connectors::v1::ImportProgress;
using connectors::v1::ImportReport;

constexpr absl::Duration kBarEvery = absl::Milliseconds(200);
constexpr absl::Duration kLineEvery = absl::Seconds(10);
constexpr int kProgressWidth = 24;
constexpr char kAbout[] =
    "# How far makegoodctl has come with the import of the file beside this one. The same command goes on\n"
    "# there; --restart begins anew. Gone when the import is complete.\n";

// What is wrong with a progress file matters to nobody: the import begins anew.
class NoErrors final : public google::protobuf::io::ErrorCollector {
 public:
  void AddError(int, int, const std::string&) override {}
};

absl::Status CannotWrite(const std::string& path) {
  return absl::FailedPreconditionError(absl::StrCat(path, " cannot be written"));
}

absl::Status WriteWhole(const std::string& path, const std::string& text) {
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return CannotWrite(path);
  const bool written = write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  const bool synced = written && fsync(file) == 0;
  close(file);
  return synced ? absl::OkStatus() : CannotWrite(path);
}

// A number with its thousands apart.
std::string Grouped(int64_t number) {
  std::string digits = absl::StrCat(number);
  for (int at = static_cast<int>(digits.size()) - 3; at > 0; at -= 3) {
    digits.insert(static_cast<size_t>(at), 1, ',');
  }
  return digits;
}

// "1:05:09", "5:09".
std::string Clock(double seconds) {
  const auto whole = static_cast<int64_t>(std::min(seconds, 359'999.0));
  if (whole < 3600) return absl::StrFormat("%d:%02d", whole / 60, whole % 60);
  return absl::StrFormat("%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60);
}

}  // namespace

std::optional<ImportProgress> LoadProgress(const std::string& path) {
  std::ifstream file(path);
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  ImportProgress progress;
  NoErrors silent;
  google::protobuf::TextFormat::Parser parser;
  parser.RecordErrorsTo(&silent);
  if (text.empty() || !parser.ParseFromString(text, &progress)) return std::nullopt;
  return progress;
}

absl::Status SaveProgress(const std::string& path, const ImportProgress& progress) {
  std::string text;
  google::protobuf::TextFormat::PrintToString(progress, &text);
  const std::string next = absl::StrCat(path, ".new");
  RETURN_IF_ERROR(WriteWhole(next, absl::StrCat(kAbout, text)));
  return rename(next.c_str(), path.c_str()) == 0 ? absl::OkStatus() : CannotWrite(path);
}

void RemoveProgress(const std::string& path) {
  unlink(path.c_str());
  unlink(absl::StrCat(path, ".new").c_str());
}

bool IsSameImport(const ImportProgress& one, const ImportProgress& other) {
  return one.file_size() == other.file_size() && one.first_block() == other.first_block() &&
         one.connector() == other.connector() && one.encoding() == other.encoding() &&
         one.server() == other.server() && one.epoch() == other.epoch() && one.actor() == other.actor() &&
         one.rejects_path() == other.rejects_path();
}

ProgressDisplay::ProgressDisplay(int64_t total_bytes, int64_t from_bytes, bool shown)
    : total_bytes_(total_bytes),
      from_bytes_(from_bytes),
      shown_(shown),
      terminal_(isatty(STDERR_FILENO) != 0),
      start_(absl::Now()),
      last_(start_) {}

std::string ProgressDisplay::Text(const ImportReport& report, int64_t bytes, const char* doing) const {
  const double seconds = std::max(absl::ToDoubleSeconds(absl::Now() - start_), 0.001);
  std::string text = doing;
  if (total_bytes_ > 0) {
    const double part = std::min(1.0, static_cast<double>(bytes) / static_cast<double>(total_bytes_));
    if (terminal_) {
      const auto full = static_cast<size_t>(part * kProgressWidth);
      absl::StrAppend(&text, " [", std::string(full, '#'), std::string(kProgressWidth - full, '.'), "]");
    }
    absl::StrAppendFormat(&text, " %3.0f %%", part * 100);
  }
  absl::StrAppend(&text, "  ", Grouped(report.accepted()), " accepted, ", Grouped(report.rejected()),
                  " rejected");
  absl::StrAppend(&text, "  ",
                  Grouped(static_cast<int64_t>(static_cast<double>(report.orders_of_run()) / seconds)), "/s");
  const int64_t done = bytes - from_bytes_;
  if (total_bytes_ > 0 && done > 0 && seconds >= 1) {
    const double left = static_cast<double>(total_bytes_ - bytes) * seconds / static_cast<double>(done);
    absl::StrAppend(&text, "  ", Clock(std::max(left, 0.0)), " left");
  }
  return text;
}

void ProgressDisplay::Show(const ImportReport& report, int64_t bytes, const char* doing) {
  if (!shown_) return;
  const absl::Time now = absl::Now();
  if (now - last_ < (terminal_ ? kBarEvery : kLineEvery)) return;
  last_ = now;
  const std::string text = Text(report, bytes, doing);
  std::fputs((terminal_ ? absl::StrCat("\r\033[K", text) : absl::StrCat(text, "\n")).c_str(), stderr);
  std::fflush(stderr);
  drawn_ = terminal_;
}

void ProgressDisplay::Say(const std::string& sentence) {
  if (!shown_) return;
  Clear();
  absl::FPrintF(stderr, "%s\n", sentence);
}

void ProgressDisplay::Clear() {
  if (!drawn_) return;
  std::fputs("\r\033[K", stderr);
  drawn_ = false;
}

}  // namespace makegood::ctl
