#include "common/store/decide.h"

namespace makegood::store {
namespace {

constexpr int kMaxRuns = 64;

// No word of the exception goes on: it may quote what the decision read (SYS-09).
absl::StatusOr<std::string> Run(const Work& work, rules::Unit& unit) {
  try {
    return work.decide(unit);
  } catch (...) {
    return absl::InternalError("the decision threw an exception");
  }
}

}  // namespace

absl::Status Decide(const Work& work, LoadRecord load, Decided& decided) {
  for (int run = 0; run < kMaxRuns; ++run) {
    decided.unit.emplace(work.context, decided.loaded);
    decided.reply = Run(work, *decided.unit);
    if (decided.unit->missing().empty()) return absl::OkStatus();
    for (const rules::RecordKey& key : decided.unit->missing()) {
      const auto [entry, added] = decided.loaded.try_emplace(key);
      if (!added) continue;
      ASSIGN_OR_RETURN(entry->second, load(key));
    }
  }
  decided.reply = absl::InternalError("the decision goes on asking for further records");
  return absl::OkStatus();
}

}  // namespace makegood::store
