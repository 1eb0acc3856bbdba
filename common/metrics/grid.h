// A family of metrics whose labels are closed lists: every series is made at the start, at 0, and
// found by index, without building label maps.
#pragma once

#include <prometheus/family.h>

#include <initializer_list>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "google/protobuf/descriptor.h"

namespace makegood::metrics {

// A label and the words it may have. An empty word is no series: for _UNSPECIFIED.
struct Axis {
  std::string label;
  std::vector<std::string> words;
};

// The axis of an enum: word i is that of value i, "store_manager" for ROLE_STORE_MANAGER.
Axis EnumAxis(std::string label, const google::protobuf::EnumDescriptor& descriptor);

// Thread-safe once made. Metric is a prometheus Counter, Gauge or Histogram.
template <typename Metric>
class Grid {
 public:
  // `arguments` are the metric's own, e.g. a histogram's buckets.
  template <typename... Arguments>
  Grid(prometheus::Family<Metric>& family, std::vector<Axis> axes, const Arguments&... arguments)
      : axes_(std::move(axes)) {
    size_t size = 1;
    for (const Axis& axis : axes_) size *= axis.words.size();
    for (size_t cell = 0; cell < size; ++cell) {
      const auto labels = LabelsOf(cell);
      cells_.push_back(labels.size() == axes_.size() ? &family.Add(labels, arguments...) : nullptr);
    }
  }

  // The series of these words, one index per axis; nullptr where there is none.
  Metric* At(std::initializer_list<int> indexes) const {
    size_t cell = 0;
    size_t axis = 0;
    for (const int index : indexes) {
      if (index < 0 || static_cast<size_t>(index) >= axes_[axis].words.size()) return nullptr;
      cell = cell * axes_[axis].words.size() + static_cast<size_t>(index);
      ++axis;
    }
    return cells_[cell];
  }

 private:
  // Fewer than there are axes where one of the words is empty.
  std::map<std::string, std::string> LabelsOf(size_t cell) const {
    std::map<std::string, std::string> labels;
    for (auto axis = axes_.rbegin(); axis != axes_.rend(); ++axis) {
      const std::string& word = axis->words[cell % axis->words.size()];
      if (!word.empty()) labels.emplace(axis->label, word);
      cell /= axis->words.size();
    }
    return labels;
  }

  std::vector<Axis> axes_;
  std::vector<Metric*> cells_;  // the last axis runs fastest
};

}  // namespace makegood::metrics
