// Tables for people: columns as wide as they need to be, and no wider than the terminal. What does not fit
// stands in the next line; only texts longer than an id of ours are cut.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "tools/makegoodctl/terminal/terminal.h"

namespace makegood::ctl {

class Table {
 public:
  struct Cell {
    std::string text;
    Colour colour = Colour::kNone;
  };

  // No titles, no title line.
  explicit Table(const std::vector<std::string>& titles);
  // As many columns, without titles.
  explicit Table(size_t columns) : columns_(columns) {}

  // A row with as many cells as there are columns; missing ones are empty.
  void Add(const std::vector<std::string>& cells);
  void AddCells(std::vector<Cell> cells);

  // From now on the last column is not cut but goes on in the next line.
  void WrapLast() { wrap_last_ = true; }

  // A column that is none where it is empty in all rows.
  void LeaveOutWhereEmpty(size_t column) { where_set_.push_back(column); }

  // Writes it to standard output as the terminal behind it wants it, each line indented by `indent`.
  void Print(size_t indent = 0) const;

  // The lines that Print writes, none wider than `width` (0: any). Columns but the first, which holds what
  // the row is called by, are cut to the length of an id of ours if all fit then; else those that do not fit
  // stand in lines below, a little further in.
  std::vector<std::string> Lines(size_t width, bool colour, size_t indent = 0) const;

  bool empty() const { return rows_.empty(); }

 private:
  std::vector<size_t> EmptyColumns() const;
  Table Without(const std::vector<size_t>& columns) const;
  std::vector<size_t> NaturalWidths() const;
  std::vector<size_t> Widths(size_t width) const;

  size_t columns_;
  bool wrap_last_ = false;
  std::vector<size_t> where_set_;
  std::vector<Cell> titles_;
  std::vector<std::vector<Cell>> rows_;
};

}  // namespace makegood::ctl
