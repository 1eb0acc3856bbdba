// A table for people: columns as wide as they need to be.
#pragma once

#include <string>
#include <vector>

namespace makegood::ctl {

class Table {
 public:
  explicit Table(std::vector<std::string> titles);

  // A row with as many cells as there are titles.
  void Add(std::vector<std::string> cells);

  // Writes it to standard output, each line indented by `indent` spaces.
  void Print(int indent = 0) const;

 private:
  std::vector<std::vector<std::string>> rows_;  // the titles first
};

// How many columns of a terminal `text` takes: its UTF-8 characters.
size_t DisplayWidth(const std::string& text);

}  // namespace makegood::ctl
