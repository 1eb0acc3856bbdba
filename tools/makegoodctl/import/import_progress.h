// How far an import has come: on disk, so that one cut off goes on there, and on the terminal.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "makegood/connectors/v1/import.pb.h"

namespace makegood::ctl {

// What SaveProgress wrote, or nothing where there is no such file or it cannot be read.
std::optional<connectors::v1::ImportProgress> LoadProgress(const std::string& path);

// Replaces the file as a whole; when this returns OK it is on disk.
absl::Status SaveProgress(const std::string& path, const connectors::v1::ImportProgress& progress);

// The file goes, if it is there.
void RemoveProgress(const std::string& path);

// Whether both are of the same import: file, connector, server, caller, rejects.
bool IsSameImport(const connectors::v1::ImportProgress& one, const connectors::v1::ImportProgress& other);

// Tells a person how far it is: on a terminal a bar that is renewed a few times a second, elsewhere a line
// every ten seconds. On standard error. Not thread-safe.
class ProgressDisplay {
 public:
  // `total_bytes` is 0 where it is not known; `shown` false keeps it silent.
  ProgressDisplay(int64_t total_bytes, int64_t from_bytes, bool shown);

  // `doing` is a word for what goes on, e.g. "importing".
  void Show(const connectors::v1::ImportReport& report, int64_t bytes, const char* doing);
  // A sentence of its own, above the bar.
  void Say(const std::string& sentence);
  // Takes the bar away.
  void Clear();

 private:
  std::string Text(const connectors::v1::ImportReport& report, int64_t bytes, const char* doing) const;

  const int64_t total_bytes_;
  const int64_t from_bytes_;
  const bool shown_;
  const bool terminal_;
  const absl::Time start_;
  absl::Time last_;
  bool drawn_ = false;
};

}  // namespace makegood::ctl
