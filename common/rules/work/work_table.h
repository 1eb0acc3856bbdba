// Whose turn each kind of work is, and by which commands it is done (WRK-01): a row a kind, and before it one
// for subjects of another kind of id; one more for another turn.
#pragma once

#include <utility>
#include <vector>

#include "absl/types/span.h"
#include "common/rules/scope.h"
#include "makegood/base/v1/access.pb.h"
#include "makegood/base/v1/work.pb.h"

namespace makegood::rules {

using WorkMethod = const Method& (*)();

// The methods that do it, the usual one first. None for a kind of a later version.
absl::Span<const WorkMethod> MethodsFor(const base::v1::WorkItem& item);

// Whether that role may call one of them.
bool MayDo(base::v1::Role role, const base::v1::WorkItem& item);

// Every turn and kind there is, for what is counted by them.
std::vector<std::pair<base::v1::WorkTurn, base::v1::WorkKind>> TurnsAndKinds();

}  // namespace makegood::rules
