// Messages as people and scripts see them: rows of a table, or a list of what is set.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "google/protobuf/message.h"
#include "tools/makegoodctl/command_line/values.h"
#include "tools/makegoodctl/terminal/table.h"

namespace makegood::ctl {

// One column of a resource's table.
struct Column {
  std::string title;
  // Fields from the message on, dotted; a oneof's name stands for the member that is set, `words` for
  // an event in a sentence, `due` for the time until which something is left to do. Of several with a
  // bar between them it is the first that is set.
  std::string path;
  bool where_set = false;  // no column of a table in which no row has it
};

// The columns of a kind of message: those declared for it, else all its fields that have a short form.
std::vector<Column> ColumnsOf(const google::protobuf::Descriptor& type);

// A table of such columns. A last one that holds sentences goes on in the next line where it must.
Table TableOf(const std::vector<Column>& columns);

// The value at a dotted path; "" where it is not set.
std::string ValueAt(const google::protobuf::Message& message, const std::string& path,
                    const ValueStyle& style);

// One message as a row of its columns.
std::vector<Table::Cell> RowOf(const google::protobuf::Message& message, const std::vector<Column>& columns,
                               const ValueStyle& style);

// What is told of a message: what is set, or zeros, false and empty texts too, as JSON has them.
enum class Extent { kSet, kAll };

// A message as (path, value), nested messages and lists included: "holds[0].name".
std::vector<std::pair<std::string, std::string>> FactsOf(const google::protobuf::Message& message,
                                                         Extent extent, const ValueStyle& style);

// Everything that is set, for people: names and values, lists of messages as tables of their own, the
// actions in words. Printed to standard output.
void PrintForPeople(const google::protobuf::Message& message, const ValueStyle& style);

}  // namespace makegood::ctl
