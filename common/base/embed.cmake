# Writes OUTPUT, a C++ source that defines FUNCTION (declared in HEADER), which returns the texts of FILES.
#   cmake -D OUTPUT=out.cc -D HEADER=a/b.h -D FUNCTION=makegood::F "-D FILES=a.ics|b.textproto" -P embed.cmake
string(REPLACE "|" ";" files "${FILES}")
set(entries "")
foreach(path IN LISTS files)
  get_filename_component(name "${path}" NAME)
  file(READ "${path}" content)
  string(APPEND entries "    {\"${name}\", R\"EMBEDDED(${content})EMBEDDED\"},\n")
endforeach()
file(WRITE "${OUTPUT}" "#include \"${HEADER}\"

const std::vector<makegood::EmbeddedFile>& ${FUNCTION}() {
  static const auto* const files = new std::vector<makegood::EmbeddedFile>{
${entries}  };
  return *files;
}
")
