# Puts a page of src/view/ into the library, as raw strings: its HTML, its CSS, and its scripts, after those of src/view/shared/, joined in the
# order of their names.
#   cmake -DPAGE=src/view/page -DCONSTANT=kPageFiles -DOUTPUT=page_files.cpp -P Embed.cmake
set(parts "")
foreach(kind html css js)
  file(GLOB shared ${PAGE}/../shared/*.${kind})
  file(GLOB own ${PAGE}/*.${kind})
  list(SORT shared)
  list(SORT own)
  set(files ${shared} ${own})
  set(text "")
  foreach(file IN LISTS files)
    file(READ ${file} part)
    string(APPEND text "${part}")
  endforeach()
  string(APPEND parts "R\"heedpage(${text})heedpage\",\n")
endforeach()
file(WRITE ${OUTPUT} "#include \"page_files.h\"\n\nnamespace heed::view {\n\nconst PageFiles ${CONSTANT} = {\n${parts}};\n\n}  // namespace heed::view\n")
