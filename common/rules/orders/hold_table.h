// Who places and who releases each hold (ORD-12). One row a name.
#pragma once

#include <cstdint>
#include <initializer_list>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "makegood/base/v1/access.pb.h"
#include "makegood/base/v1/terms.pb.h"
#include "makegood/base/v1/work.pb.h"

namespace makegood::rules {

// Some of the roles there are.
class Roles {
 public:
  constexpr Roles(std::initializer_list<base::v1::Role> roles) {
    for (const base::v1::Role role : roles) bits_ |= uint32_t{1} << role;
  }
  constexpr bool Has(base::v1::Role role) const { return (bits_ >> role & 1) != 0; }

 private:
  uint32_t bits_ = 0;
};

struct HoldRule {
  base::v1::HoldName hold;
  absl::string_view rule_id;  // refuses everybody else
  Roles placed_by;
  Roles released_by;
  base::v1::WorkTurn turn;  // whose work the release is; nobody's where services see to it
};

// Every row there is.
absl::Span<const HoldRule> HoldRules();

// Whose turn it is to release that hold (WRK-01).
base::v1::WorkTurn TurnOf(base::v1::HoldName hold);

// Whether an incident stands behind it, which places and releases it in its own commits (AVL-02).
bool IsOfIncident(absl::string_view reference_id);

// The same of the order's address: it is to be confirmed, or a change of it to be paid for (DLV-01, DLV-02).
inline constexpr char kAddressHold[] = "address";
bool IsOfAddress(absl::string_view reference_id);

// Whether the merchant's stock stands behind it, which holds the order until the goods are there (AVL-03).
bool IsOfShortage(absl::string_view reference_id);

// Any of these, which place and release it by themselves: people do neither.
bool IsOfCase(absl::string_view reference_id);

// PERMISSION_DENIED, naming the hold and who may, unless the caller's role places, or releases, that hold.
// A case's is released by services alone.
absl::Status CheckPlaces(base::v1::HoldName hold, const base::v1::Actor& actor);
absl::Status CheckReleases(base::v1::HoldName hold, absl::string_view reference_id,
                           const base::v1::Actor& actor);

}  // namespace makegood::rules
